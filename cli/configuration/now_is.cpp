#include "cli/configuration/now_is.h"

#include <algorithm>

#include "cli/language/grammar.h"
#include "cli/language/table.h"
#include "cli/language/words.h"

namespace holdfast {

namespace {

std::string count(std::size_t n, const std::string& what) {
  return std::to_string(n) + ' ' + what + (n == 1 ? "" : "s");
}

std::string text_of(const server_settings& s) {
  std::string text = s.where == place{} ? "no address" : host_word::print(s.where);
  if (s.where != place{} && s.is_empty()) text += ", no port";
  if (s.weight) text += ", weight " + std::to_string(*s.weight);
  if (s.prio > 0) text += ", prio " + std::to_string(s.prio);
  if (s.max > 0) text += ", max " + std::to_string(s.max);
  if (s.hard > 0) text += ", hard " + std::to_string(s.hard);
  if (s.acl != pen_acl) text += ", acl " + s.acl;
  return text + (s.drain ? ", draining" : "");
}

class teller {
 public:
  teller(const settings& now, const sentence& s) : now_(now), said_(s), name_(s.of_service()) {
    const auto found = now.services.find(name_);
    if (found != now.services.end()) of_ = found->second;
  }

  std::string operator()(const say::change_server& c) {
    if (!c.blacklist) return server(c.name);
    const bool over = *c.blacklist == duration::zero();
    return server(c.name) + (over ? "; chosen again" : "; blacklisted for " + print_time(*c.blacklist));
  }
  std::string operator()(const say::drain_server& c) {
    return server(c.name) + "; what is left is closed in " + print_time(c.time);
  }
  std::string operator()(const say::remove_server& c) {
    return name_ + '/' + c.name + ": removed; its connections have " + print_time(c.after.value_or(of_.drain_time));
  }

  std::string operator()(const say::add_listener&) { return listeners(); }
  std::string operator()(const say::remove_listener&) { return listeners(); }

  std::string operator()(const say::begin_service& c) {
    const service_settings& of = now_.services.at(c.name);
    return c.name + ": " + count(of.listeners.size(), "listener") + ", " + count(of.servers.size(), "server");
  }
  std::string operator()(const say::remove_service& c) { return c.name + ": removed"; }

  std::string operator()(const say::add_network& c) { return acl(c.acl); }
  std::string operator()(const say::add_country& c) { return acl(c.acl); }
  std::string operator()(const say::clear_acl& c) { return acl(c.acl); }

  std::string operator()(const say::idlers&) {
    return "idlers has no effect: there are no spare connections to servers";
  }
  std::string operator()(const say::without_effect& c) { return c.word + " has no effect"; }
  std::string operator()(const say::no_without_effect& c) { return c.word + " has no effect"; }

  // The rest is what was said, in its usual form.
  template <class Other>
  std::string operator()(const Other&) {
    const std::string text = print(said_.what);
    return row_of(said_.what).of == about::service ? name_ + ": " + text : text;
  }

 private:
  std::string server(const std::string& name) {
    const server_settings* known = of_.find_server(name);
    return name_ + '/' + name + ": " + (known == nullptr ? "unknown" : text_of(*known));
  }

  std::string listeners() const {
    std::string text;
    for (const place& where : of_.listeners) text += (text.empty() ? "" : ", ") + listen_word::print(where);
    return name_ + ": listens " + (text.empty() ? "nowhere" : "on " + text);
  }

  std::string acl(const std::string& name) const {
    const auto found = now_.acls.find(name);
    const std::size_t rules = found == now_.acls.end() ? 0 : found->second.size();
    return "acl " + name + ": " + (rules == 0 ? "no rules, all are permitted" : count(rules, "rule"));
  }

  const settings& now_;
  const sentence& said_;
  std::string name_;
  service_settings of_;
};

}  // namespace

std::string now_is(const settings& now, const sentence& change) {
  return std::visit(teller(now, change), std::get<say::change>(change.what));
}

std::string server_of(const say::change& change) {
  if (const auto* c = std::get_if<say::change_server>(&change)) return c->name;
  if (const auto* c = std::get_if<say::drain_server>(&change)) return c->name;
  return {};
}

}  // namespace holdfast
