#include "cli/options/pen_option_table.h"

#include "cli/language/words.h"

namespace holdfast {

namespace {

mishap take_control(reading& r, const std::string& where) {
  if (where.find('/') != where.npos) {
    r.made.control_path = where;
  } else {
    r.said.emplace_back("-C", "control " + where);
  }
  return {};
}

mishap take_hash_alone(reading& r, const std::string&) {
  r.said.emplace_back("-N", "hash");
  r.said.emplace_back("-N", "roundrobin");
  return {};
}

// Pen has at least 50.
mishap take_backlog(reading& r, const std::string& backlog) {
  const auto number = read_number(backlog);
  const bool few = number && *number < least_backlog;
  if (few) r.note("-q " + backlog + ": taken as " + std::to_string(least_backlog));
  r.said.emplace_back("-q", "backlog " + (few ? std::to_string(least_backlog) : backlog));
  return {};
}

mishap take_drain(reading& r, const std::string& time) {
  r.made.drain = read_time(time);
  return r.made.drain ? mishap() : "--drain: expected " + time_word<>::expects();
}

mishap take_debug(reading& r, const std::string&) {
  ++r.debug;
  return {};
}

template <bool pen_options::* Member>
mishap turn_on(reading& r, const std::string&) {
  r.made.*Member = true;
  return {};
}

constexpr option says(option_row row, std::string_view command) { return {row, effect::says, command}; }
constexpr option keeps(option_row row, std::string pen_options::* where) { return {row, effect::keeps, {}, where}; }
constexpr option ignored(option_row row) { return {row, effect::ignored}; }
constexpr option refused_for(option_row row, std::string_view why) { return {row, effect::refused, why}; }
constexpr option own(option_row row, mishap (*does)(reading&, const std::string&)) {
  return {row, effect::own, {}, nullptr, does};
}

constexpr std::string_view no_http = "http is not in this version";
constexpr std::string_view no_tls = "TLS is not in this version";
constexpr std::string_view no_udp = "UDP is not in this version";
constexpr std::string_view no_windows = "services of Windows are not supported";

constexpr option all[] = {
    says({'B', "", "HOST:PORT", "The server for clients that client_acl refuses."}, "abuse"),
    own({'C', "", "[ADDRESS:]PORT|PATH", "Take commands there, too."}, take_control),
    keeps({'F', "", "FILE", "The configuration; read after these options, and again on HUP."},
          &pen_options::config_file),
    refused_for({'H', "", "", "Add X-Forwarded-For."}, no_http),
    own({'N', "", "", "Hash on the client's address, and do not remember clients."}, take_hash_alone),
    says({'O', "", "COMMAND", "Any command of holdfast.conf(5)."}, ""),
    ignored({'P', "", "", "Accepted without effect."}),
    ignored({'Q', "", "", "Accepted without effect."}),
    ignored({'S', "", "N", "Accepted without effect."}),
    says({'T', "", "TIME", "Forget clients not seen for that long (0: never)."}, "tracking"),
    refused_for({'U', "", "", "Carry UDP."}, no_udp),
    says({'W', "", "", "Choose the server with the fewest connections for its weight."}, "weight"),
    says({'X', "", "", "Allow the command `exit`."}, "exit_enabled"),
    says({'a', "", "", "What clients and servers say (-d -d) as text, not in hexadecimal digits."}, "ascii"),
    says({'b', "", "TIME", "Choose a server that failed no more for so long (30s)."}, "blacklist"),
    says({'c', "", "N", "Most clients remembered (2048)."}, "clients_max"),
    own({'d', "", "", "Tell more; repeat for even more."}, take_debug),
    says({'e', "", "HOST:PORT", "The server for when no other is left."}, "emergency"),
    own({'f', "", "", "Stay in the foreground."}, turn_on<&pen_options::foreground>),
    says({'h', "", "", "The client's address decides at first."}, "hash"),
    refused_for({'i', "", "NAME", "Install a service."}, no_windows),
    keeps({'j', "", "DIR", "Change the root directory."}, &pen_options::chroot),
    says({'l', "", "FILE|HOST:PORT", "Access log: a file, or a penlogd."}, "log"),
    ignored({'m', "", "N", "Accepted without effect."}),
    ignored({'n', "", "", "Accepted without effect."}),
    says({'o', "", "COMMAND", "The same as -O."}, ""),
    keeps({'p', "", "FILE", "Write the process id there."}, &pen_options::pid_file),
    own({'q', "", "N", "Most connections that wait to be accepted (500)."}, take_backlog),
    says({'r', "", "", "Do not remember clients."}, "roundrobin"),
    says({'s', "", "", "If the first choice fails, close."}, "stubborn"),
    says({'t', "", "TIME", "How long a server may take to accept a connection (3s)."}, "timeout"),
    keeps({'u', "", "USER", "Run as that user and its group."}, &pen_options::user),
    says({'w', "", "FILE", "Write the status as HTML there on USR1."}, "web_stats"),
    says({'x', "", "N", "Most connections at once (500)."}, "conn_max"),
    ignored({'D', "", "", "Accepted without effect."}),
    refused_for({'A', "", "DIR", "Certificates of authorities."}, no_tls),
    refused_for({'E', "", "FILE", "Certificate."}, no_tls),
    refused_for({'G', "", "FILE", "Certificates of authorities."}, no_tls),
    refused_for({'K', "", "FILE", "Key."}, no_tls),
    refused_for({'L', "", "PROTOCOL", "Version of TLS."}, no_tls),
    refused_for({'R', "", "", "Require certificates of clients."}, no_tls),
    refused_for({'Z', "", "", "Compatibility of TLS."}, no_tls),
    own({0, "pen", "",
         "Do as Pen, as when the program is called pen: HUP adds the file to what has been said since, the file may be "
         "missing, and there are no sockets but those asked for."},
        turn_on<&pen_options::pen>),
    keeps({0, "node", "NAME", "Who we are among the `node` lines; otherwise the host's name."}, &pen_options::node),
    keeps({0, "run-dir", "DIR", "Where sockets and state live."}, &pen_options::run_dir),
    keeps({0, "state-dir", "DIR", "Where clients are remembered from one start to the next."}, &pen_options::state_dir),
    own({0, "drain", "TIME", "How long connections may run on after TERM."}, take_drain),
    keeps({0, "check", "FILE", "Say what is wrong with a configuration, and end."}, &pen_options::check_file),
    says({0, "workers", "N", "Threads that carry connections; 0: one per core."}, "workers"),
    own({0, "version", "", "Say the version, and end."}, turn_on<&pen_options::version>),
    own({0, "help", "", "Say this, and end."}, turn_on<&pen_options::help>),
};

}  // namespace

std::span<const option> pen_option_table() { return all; }

}  // namespace holdfast
