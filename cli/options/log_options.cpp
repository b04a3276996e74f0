#include "cli/options/log_options.h"

#include <algorithm>
#include <span>

#include "cli/language/words.h"

namespace holdfast {

namespace {

// An option of a program whose command line becomes a Made.
template <class Made>
struct option {
  option_row row;
  mishap (*does)(Made&, const std::string& argument);
};

template <auto Member, class Made>
mishap keep(Made& made, const std::string& argument) {
  made.*Member = argument;
  return {};
}
template <auto Member, class Made>
mishap turn_on(Made& made, const std::string&) {
  made.*Member = true;
  return {};
}
template <class Made>
mishap ignore(Made&, const std::string&) {
  return {};
}

mishap take_lines(penlogd_options& made, const std::string& argument) {
  const auto number = count_word<1, 10'000'000>::read(argument);
  if (!number) return "-n: expected " + count_word<1, 10'000'000>::expects();
  made.lines = *number;
  return {};
}

mishap take_wait(penlogd_options& made, const std::string& argument) {
  const auto time = time_word<>::read(argument);
  if (!time || *time > 1h) return "--wait: expected " + time_word<>::expects() + ", an hour at most";
  made.patience = *time;
  return {};
}

mishap take_jitter(mergelogs_options& made, const std::string& argument) {
  using seconds_word = count_word<0, 1'000'000'000>;
  const auto number = seconds_word::read(argument);
  if (!number) return "-j: expected " + seconds_word::expects();
  made.jitter = std::chrono::seconds(*number);
  return {};
}

mishap take_zone(mergelogs_options& made, const std::string& argument) {
  using seconds_word = count_word<0, 86'400>;
  const bool west = argument.starts_with('-');
  const auto number = seconds_word::read(argument.substr(west ? 1 : 0));
  if (!number) return "-t: expected " + seconds_word::expects() + ", or that with a - in front";
  made.zone = std::chrono::seconds(west ? -static_cast<int>(*number) : static_cast<int>(*number));
  return {};
}

template <class Made>
constexpr option<Made> help_row{{0, "help", "", "Say this, and end."}, turn_on<&Made::help, Made>};
template <class Made>
constexpr option<Made> version_row{{0, "version", "", "Say the version, and end."}, turn_on<&Made::version, Made>};

using of_penlog = penlog_options;
constexpr option<of_penlog> penlog_table[] = {
    {{0, "key", "FILE", "Over TLS, with the cluster key in that file."}, keep<&of_penlog::key, of_penlog>},
    help_row<of_penlog>,
    version_row<of_penlog>,
};

using of_penlogd = penlogd_options;
constexpr option<of_penlogd> penlogd_table[] = {
    {{'b', "", "", "Write each line at once."}, turn_on<&of_penlogd::unbuffered, of_penlogd>},
    {{'d', "", "", "Tell more."}, turn_on<&of_penlogd::debug, of_penlogd>},
    {{'f', "", "", "Stay in the foreground."}, turn_on<&of_penlogd::foreground, of_penlogd>},
    {{'j', "", "DIR", "Change the root directory."}, keep<&of_penlogd::chroot, of_penlogd>},
    {{'l', "", "FILE", "Write the log there; otherwise to standard output."}, keep<&of_penlogd::log_file, of_penlogd>},
    {{'n', "", "N", "Most lines of balancers that wait for their web server's (1000)."}, take_lines},
    {{'p', "", "FILE", "Write the process id there."}, keep<&of_penlogd::pid_file, of_penlogd>},
    {{'u', "", "USER", "Run as that user and its group."}, keep<&of_penlogd::user, of_penlogd>},
    {{0, "socket", "PATH", "Hear also datagrams of this machine, at a UNIX socket."},
     keep<&of_penlogd::socket, of_penlogd>},
    {{0, "tls", "[ADDRESS:]PORT", "Hear also TLS, of whoever has the cluster key (--key)."},
     keep<&of_penlogd::tls, of_penlogd>},
    {{0, "key", "FILE", "The cluster key."}, keep<&of_penlogd::key, of_penlogd>},
    {{0, "next-key", "FILE", "Another that is accepted, too, while the key is replaced."},
     keep<&of_penlogd::next_key, of_penlogd>},
    {{0, "wait", "TIME", "How long a web server's line waits for its balancer's (2s)."}, take_wait},
    help_row<of_penlogd>,
    version_row<of_penlogd>,
};

using of_mergelogs = mergelogs_options;
constexpr option<of_mergelogs> mergelogs_table[] = {
    {{'a', "", "WORD", "Accepted without effect."}, ignore<of_mergelogs>},
    {{'c', "", "", "Accepted without effect."}, ignore<of_mergelogs>},
    {{'d', "", "", "Tell more."}, turn_on<&of_mergelogs::debug, of_mergelogs>},
    {{'j', "", "SECONDS", "How far apart the times of two lines about one request may be (600)."}, take_jitter},
    {{'p', "", "FILE", "The balancer's log."}, keep<&of_mergelogs::balancer_log, of_mergelogs>},
    {{'t', "", "SECONDS", "Of times that name no zone: how far east of UTC it is (0)."}, take_zone},
    help_row<of_mergelogs>,
    version_row<of_mergelogs>,
};

template <class Made>
std::vector<option_row> rows_of(std::span<const option<Made>> table) {
  std::vector<option_row> rows;
  std::transform(table.begin(), table.end(), std::back_inserter(rows), [](const auto& o) { return o.row; });
  return rows;
}

// `others`: the words that are no options.
template <class Made>
mishap read_options(const std::vector<std::string>& arguments, std::span<const option<Made>> table, Made& made,
                    std::vector<std::string>& others) {
  const auto rows = rows_of(table);
  return take_options(
      arguments, rows,
      {.option = [&](std::size_t row, const std::string& argument) { return table[row].does(made, argument); },
       .other =
           [&](const std::string& word) {
             others.push_back(word);
             return mishap();
           }});
}

// "10.0.0.1:access_log", "[2001:db8::1]:access_log"; an IPv6 address may stand without brackets, too. Without a server
// it is all a file.
mergelogs_options::web_log read_web_log(const std::string& word) {
  auto colon = word.find(':', word.starts_with('[') ? word.find(']') : 0);
  for (auto at = word.rfind(':'); at != word.npos && at > 0; at = word.rfind(':', at - 1)) {
    const auto server = address::parse(word.substr(0, at));
    if (server && !server->is_v4()) {
      colon = at;
      break;
    }
  }
  if (colon == word.npos || colon == 0) return {"", word};
  return {word.substr(0, colon), word.substr(colon + 1)};
}

}  // namespace

result<penlog_options, std::string> parse_penlog_options(const std::vector<std::string>& arguments) {
  penlog_options made;
  std::vector<std::string> words;
  if (auto wrong = read_options<penlog_options>(arguments, penlog_table, made, words)) return failure{*wrong};
  if (made.help || made.version) return made;
  const bool local = !words.empty() && words[0].starts_with('/');
  const std::size_t least = local ? 1 : 2;
  if (words.size() < least || words.size() > least + 1)
    return failure{"expected HOST PORT [MY_IP], or PATH [MY_IP] (see --help)"};
  if (local) {
    made.to.path = words[0];
    if (!made.key.empty()) return failure{"--key: expected HOST PORT; over a UNIX socket there is no TLS"};
  } else {
    made.to.host = words[0];
    made.to.port = words[1];
  }
  if (words.size() > least) made.server = words.back();
  if (!local && !made.server.empty() && !address::parse(made.server))
    return failure{made.server + ": expected an address of this machine"};
  return made;
}

result<penlogd_options, std::string> parse_penlogd_options(const std::vector<std::string>& arguments) {
  penlogd_options made;
  std::vector<std::string> words;
  if (auto wrong = read_options<penlogd_options>(arguments, penlogd_table, made, words)) return failure{*wrong};
  if (made.help || made.version) return made;
  if (words.size() > 1) return failure{"expected one PORT, not also " + words[1]};
  if (words.empty() && made.socket.empty() && made.tls.empty()) return failure{"expected a PORT (see --help)"};
  if (!words.empty()) {
    const auto where = tcp_word::read(words[0]);
    if (!where || !parse_port(where->port)) return failure{words[0] + ": expected " + tcp_word::expects()};
    made.address = where->host;
    made.port = where->port;
  }
  if (!made.tls.empty() && !tcp_word::read(made.tls)) return failure{"--tls: expected " + tcp_word::expects()};
  if (made.tls.empty() != made.key.empty()) return failure{"expected --tls and --key together"};
  if (made.key.empty() && !made.next_key.empty()) return failure{"--next-key: expected --key, too"};
  return made;
}

result<mergelogs_options, std::string> parse_mergelogs_options(const std::vector<std::string>& arguments) {
  mergelogs_options made;
  std::vector<std::string> words;
  if (auto wrong = read_options<mergelogs_options>(arguments, mergelogs_table, made, words)) return failure{*wrong};
  if (made.help || made.version) return made;
  if (words.empty()) return failure{"expected SERVER:FILE (see --help)"};
  std::transform(words.begin(), words.end(), std::back_inserter(made.web_logs), read_web_log);
  return made;
}

std::vector<option_row> penlog_option_rows() { return rows_of<penlog_options>(penlog_table); }
std::vector<option_row> penlogd_option_rows() { return rows_of<penlogd_options>(penlogd_table); }
std::vector<option_row> mergelogs_option_rows() { return rows_of<mergelogs_options>(mergelogs_table); }

std::string penlog_options_help() {
  return "usage: penlog [OPTION...] HOST PORT [MY_IP]\n       penlog [OPTION...] PATH [MY_IP]\n\n" +
         options_text(penlog_option_rows());
}
std::string penlogd_options_help() {
  return "usage: penlogd [OPTION...] [ADDRESS:]PORT\n\n" + options_text(penlogd_option_rows());
}
std::string mergelogs_options_help() {
  return "usage: mergelogs -p FILE [OPTION...] SERVER:FILE...\n\n" + options_text(mergelogs_option_rows());
}

}  // namespace holdfast
