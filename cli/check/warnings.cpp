#include "cli/check/warnings.h"

#include <algorithm>

#include "cli/configuration/node_check.h"
#include "cli/language/words.h"

namespace holdfast {

namespace {

// Beyond these whoever gave no unit has meant milliseconds.
constexpr duration longest_connect = 1min;
constexpr duration longest_check = 10min;
constexpr duration longest_peek = 1min;

bool is_here(const place& where) {
  const auto host = address::parse(where.host);
  return where.host == "localhost" || (host && prefix::parse("127.0.0.0/8")->contains(*host)) ||
         (host && *host == *address::parse("::1"));
}

bool is_any(const place& where) {
  const auto host = address::parse(where.host);
  return where.path.empty() && (where.host.empty() || (host && (*host == address() || *host == address::v4(0))));
}

class warning_finder {
 public:
  findings run(const settings& said) {
    said_ = &said;
    moving_ = addresses_of_groups(said);
    check_acls();
    check_control();
    for (const auto& [name, of] : said.services) {
      service_ = &of;
      check_ends();
      check_times();
      check_policy();
      check_source();
      for (const server_settings& s : of.servers) check_server(s);
    }
    return std::move(found_);
  }

 private:
  void doubt(std::string about, std::string why) {
    found_.push_back({severity::warns, std::move(about), std::move(why)});
  }
  // words: how the line goes on that it is about.
  void doubt_service(const std::string& words, const std::string& why) {
    const std::string name = "service " + service_->name;
    doubt(words.empty() ? name : name + ' ' + words, name + ": " + why);
  }

  void check_acls() {
    const auto asks_country = [](const acl_rule& rule) { return std::holds_alternative<country>(rule.who); };
    for (const auto& [name, rules] : said_->acls) {
      if (!said_->geoip.empty() || std::none_of(rules.begin(), rules.end(), asks_country)) continue;
      doubt("acl " + name, "acl " + name + " has rules for countries, which match nobody without a `geoip` database");
    }
  }

  void check_control() {
    const auto& control = said_->control_tcp;
    if (!control || !control->host.empty() || names_operators(*said_)) return;
    doubt("control", "control " + control->port + " is taken as 127.0.0.1:" + control->port +
                         ", for nothing says who may send commands from elsewhere: expected " +
                         std::string(how_to_name_operators));
  }

  void check_ends() {
    const service_settings& of = *service_;
    if (of.listeners.empty()) doubt_service("", "nobody can come in: expected `listen PLACE`");
    const auto takes = [](const server_settings& s) { return !s.is_empty() && !s.drain; };
    if (of.emergency || of.dummy || std::any_of(of.servers.begin(), of.servers.end(), takes)) return;
    doubt_service("", of.servers.empty() ? "there is no server: expected `server NAME address PLACE`"
                                         : "no server takes new clients: all are drained or have no address");
  }

  void check_times() {
    const auto check = [&](duration said, duration most, const std::string& words) {
      if (said <= most) return;
      doubt_service(words, words + ' ' + print_time(said) +
                               " is very long: a number alone is in seconds, and 100ms in " + "milliseconds");
    };
    check(service_->timeout, longest_connect, "timeout");
    if (service_->peek) check(service_->peek_time, longest_peek, "peek");
    if (service_->check.how == check_kind::none || service_->check.every <= longest_check) return;
    doubt_service("check", "check every " + print_time(service_->check.every) + " is very seldom: a number alone is " +
                               "in seconds, and 100ms in milliseconds");
  }

  void check_policy() {
    const service_settings& of = *service_;
    const auto any = [&](auto claim) { return std::any_of(of.servers.begin(), of.servers.end(), claim); };
    const bool weighted = any([](const server_settings& s) { return s.weight > 0U; });
    if (of.weight && !weighted) doubt_service("weight", "`weight` has no effect: no server has a weight");
    if (!of.prio && any([](const server_settings& s) { return s.prio > 0; })) {
      doubt_service("", "the servers' prio has no effect: expected `prio`");
    }
    if (!of.tcp_nodelay) {
      doubt_service("no tcp_nodelay",
                    "`no tcp_nodelay`, as Pen writes it into every file, lets small pieces wait for " +
                        std::string("others; expected `tcp_nodelay`, the default here"));
    }
    std::optional<std::uint32_t> first;
    const bool differ = weighted && any([&](const server_settings& s) {
                          const std::uint32_t weight = s.weight.value_or(1);
                          return weight > 0 && weight != *(first ? first : first = weight);
                        });
    if (!differ || of.weight || of.prio || !(of.least || of.hash)) return;
    const std::string policy = of.least ? "least" : "hash";
    doubt_service(policy, "the servers' weights have no effect with `" + policy + "`: expected `weight`");
  }

  void check_source() {
    const service_settings& of = *service_;
    if (!of.source || of.check.how == check_kind::none || !moving_.contains(*of.source)) return;
    const std::string line = "source " + of.source->text();
    doubt_service(line, line + " is here only in the active role: until then the servers are checked from the node's " +
                            "own address, and must let it in");
  }

  void check_server(const server_settings& s) {
    if (s.is_empty()) return;
    const std::string line = "server " + s.name;
    const auto host = address::parse(s.where.host);
    const auto& source = service_->source;
    if (source && host && host->is_v4() != source->is_v4()) {
      doubt_service(line, line + " can't be reached from source " + source->text() + ", which is of another family");
    }
    const auto& doors = service_->listeners;
    const auto is_it = [&](const place& listener) { return leads_to(s.where, listener); };
    if (const auto own = std::find_if(doors.begin(), doors.end(), is_it); own != doors.end()) {
      doubt_service(line, line + " is the service itself, which listens on " + listen_word::print(*own));
    }
  }

  // Whether a connect to the server comes in at that listener.
  bool leads_to(const place& server, const place& listener) const {
    if (!server.path.empty() || !listener.path.empty()) return !server.path.empty() && server.path == listener.path;
    if (!server.port.empty() && server.port != listener.port) return false;
    return server.host == listener.host || (is_here(server) && is_here(listener)) ||
           (is_any(listener) && (is_here(server) || is_moving(server.host)));
  }

  bool is_moving(const std::string& host) const {
    const auto parsed = address::parse(host);
    return parsed && moving_.contains(*parsed);
  }

  const settings* said_ = nullptr;
  std::set<address> moving_;
  const service_settings* service_ = nullptr;
  findings found_;
};

}  // namespace

findings warnings(const settings& said) { return warning_finder().run(said); }

findings warnings_of_names(const settings& said, const std::set<std::string>& unknown) {
  findings found;
  const auto look = [&](const std::optional<place>& where, const std::string& line) {
    if (!where || !unknown.contains(where->host)) return;
    found.push_back({severity::warns, line, "the name " + where->host + " does not resolve"});
  };
  for (const auto& [name, of] : said.services) {
    const std::string service = "service " + name + ' ';
    for (const server_settings& s : of.servers) look(s.where, service + "server " + s.name);
    look(of.emergency, service + "emergency");
    look(of.abuse, service + "abuse");
  }
  look(said.log, "log");
  return found;
}

}  // namespace holdfast
