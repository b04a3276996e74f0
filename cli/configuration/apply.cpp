#include "cli/configuration/apply.h"

#include <algorithm>

#include "cli/configuration/apply_vrrp.h"
#include "cli/language/table.h"
#include "cli/language/words.h"

namespace holdfast {

namespace {

using outcome = result<void, refusal>;

refusal no(std::string why) { return refusal{std::move(why)}; }

std::string at_most(std::size_t count, std::string_view what) {
  return "expected at most " + std::to_string(count) + ' ' + std::string(what);
}

// The names of things; without any, what to do instead.
template <class Map>
std::string named_among(const Map& things, std::string instead) {
  std::string known;
  for (const auto& [name, thing] : things) known += (known.empty() ? "" : ", ") + name;
  return known.empty() ? std::move(instead) : "one of " + known;
}

bool is_pen_number(std::string_view name) { return name.size() == 1 && name[0] >= '0' && name[0] <= '9'; }

std::string why_not_built(const std::string& word) {
  if (word == "tarpit_acl" || word.starts_with("dsr_")) {
    return word +
           " is not in this version: it belongs to direct server return, where servers answer clients themselves; " +
           "here all that they say comes back through the balancer";
  }
  return word + " is not in this version";
}

// One overload for each change. All but the scalar ones look before they leap, so a refusal leaves `to_` as it was.
class change_applier {
 public:
  change_applier(settings& to, const sentence& s) : to_(to), service_name_(s.of_service()) {}

  outcome operator()(const say::set& c) {
    const bool names_acl = row_of(say::change(c)).arguments.back().takes == word_kind::acl;
    if (names_acl && !acl_exists(std::get<std::string>(c.value))) return no_acl(std::get<std::string>(c.value));
    return put_with_time(c, is_none(c.value) ? true : c.value);
  }

  outcome operator()(const say::unset& c) { return put_with_time(c, {}); }

  outcome operator()(const say::peek_for& c) {
    return in_service([&](service_settings& of) -> outcome {
      of.peek = true;
      of.peek_time = c.time;
      return {};
    });
  }

  outcome operator()(const say::set_cluster_key& c) {
    to_.cluster_key = c.file;
    to_.next_cluster_key = c.next.value_or("");
    return {};
  }
  outcome operator()(const say::no_cluster_key&) {
    to_.cluster_key.clear();
    to_.next_cluster_key.clear();
    return {};
  }

  outcome operator()(const say::server_down_keep&) {
    return in_service([](service_settings& of) -> outcome {
      of.server_down = duration::zero();
      return {};
    });
  }

  outcome operator()(const say::begin_service& c) { return make_service(c.name); }

  outcome operator()(const say::remove_service& c) {
    if (to_.services.erase(c.name) == 0) return no_service(c.name);
    return {};
  }

  outcome operator()(const say::add_node& c) {
    const auto same =
        std::find_if(to_.nodes.begin(), to_.nodes.end(), [&](const auto& n) { return n.name == c.node.name; });
    if (same != to_.nodes.end()) {
      *same = c.node;
    } else if (to_.nodes.size() >= max_nodes) {
      return no(at_most(max_nodes, "nodes"));
    } else {
      to_.nodes.push_back(c.node);
    }
    return {};
  }

  outcome operator()(const say::add_network& c) { return add_rule(c.acl, {c.permit, c.network}); }
  outcome operator()(const say::add_country& c) { return add_rule(c.acl, {c.permit, c.from}); }

  // Pen's numbers need no entry; a name keeps an empty list, so that whoever refers to it still can.
  outcome operator()(const say::clear_acl& c) {
    if (is_pen_number(c.acl)) {
      to_.acls.erase(c.acl);
      return {};
    }
    if (!to_.acls.contains(c.acl) && to_.acls.size() >= max_acls) return no(at_most(max_acls, "acls"));
    to_.acls[c.acl].clear();
    return {};
  }

  outcome operator()(const say::add_listener& c) {
    const bool access = c.mode || c.owner || c.group;
    if (access && c.where.path.empty()) return no("mode, owner and group belong to a path");
    std::vector<place> fresh;
    for (const place& where : places_of(c.where)) {
      const std::string* by = listener_of(where);
      if (by != nullptr && *by != service_name_) {
        return no("service " + *by + " listens on " + listen_word::print(where) + " already");
      }
      if (by == nullptr) fresh.push_back(where);
    }
    if (const outcome made = make_service(service_name_); !made) return made;
    auto& listeners = to_.services[service_name_].listeners;
    if (listeners.size() + fresh.size() > max_listeners) return no(at_most(max_listeners, "listeners of a service"));
    listeners.insert(listeners.end(), fresh.begin(), fresh.end());
    if (access) {
      to_.services[service_name_].socket_access[c.where.path] = {c.mode, c.owner.value_or(""), c.group.value_or("")};
    }
    return {};
  }

  outcome operator()(const say::remove_listener& c) {
    return in_service([&](service_settings& of) -> outcome {
      auto left = c.where ? of.listeners : std::vector<place>();
      for (const place& where : c.where ? places_of(*c.where) : std::vector<place>()) {
        if (std::erase(left, where) == 0)
          return no("service " + of.name + " does not listen on " + listen_word::print(where));
      }
      of.listeners = std::move(left);
      std::erase_if(of.socket_access, [&](const auto& one) {
        return std::find(of.listeners.begin(), of.listeners.end(), place{{}, {}, one.first}) == of.listeners.end();
      });
      return {};
    });
  }

  outcome operator()(const say::change_server& c) {
    return in_service([&](service_settings& of) { return change_server(of, c); });
  }

  outcome operator()(const say::remove_server& c) {
    return in_service([&](service_settings& of) -> outcome {
      if (std::erase_if(of.servers, [&](const auto& s) { return s.name == c.name; }) == 0) return no_server(of, c.name);
      return {};
    });
  }

  outcome operator()(const say::drain_server& c) {
    return in_service([&](service_settings& of) -> outcome {
      server_settings* known = of.find_server(c.name);
      if (known == nullptr) return no_server(of, c.name);
      known->drain = true;
      return {};
    });
  }

  outcome operator()(const say::client_prefix& c) {
    return in_service([&](service_settings& of) -> outcome {
      of.client_prefix4 = c.four;
      of.client_prefix6 = c.six;
      return {};
    });
  }

  outcome operator()(const say::check_tcp& c) { return set_check({.how = check_kind::tcp}, c); }

  outcome operator()(const say::check_http& c) {
    check_settings made{.how = check_kind::http, .path = c.path};
    made.host = c.host.value_or("");
    if (c.expect) {
      made.expect_low = c.expect->low;
      made.expect_high = c.expect->high;
    }
    return set_check(made, c);
  }

  outcome operator()(const say::no_check&) {
    return in_service([](service_settings& of) -> outcome {
      of.check = {};
      return {};
    });
  }

  // A group begins with its interface.
  outcome operator()(const say::begin_group& c) {
    if (!to_.vrrp.contains(c.of.name) && to_.vrrp.size() >= max_vrrp_groups)
      return no(at_most(max_vrrp_groups, "groups"));
    vrrp_settings& of = to_.vrrp[c.of.name];
    of.name = c.of.name;
    of.interface = c.interface;
    return {};
  }

  outcome operator()(const say::remove_group& c) {
    if (to_.vrrp.erase(c.of.name) == 0) return no_group(c.of.name);
    return {};
  }

  template <class C>
    requires requires(vrrp_settings& of, const C& c) { change_group(of, c); }
  outcome operator()(const C& c) {
    return in_group(c.of.name, [&](vrrp_settings& of) { return change_group(of, c); });
  }

  outcome operator()(const say::idlers&) { return {}; }
  outcome operator()(const say::without_effect&) { return {}; }
  outcome operator()(const say::no_without_effect&) { return {}; }
  outcome operator()(const say::not_built& c) { return no(why_not_built(c.word)); }

 private:
  // The service that listens there; null: none does.
  const std::string* listener_of(const place& where) const {
    for (const auto& [name, of] : to_.services) {
      if (std::find(of.listeners.begin(), of.listeners.end(), where) != of.listeners.end()) return &name;
    }
    return nullptr;
  }

  // group: of a setting that is a group's.
  outcome put(setting_key key, const say::group& group, const setting_value& value) {
    const auto put_in = [&](auto& owner) -> outcome {
      std::get<held_by<std::decay_t<decltype(owner)>>>(key->held).put(owner, value);
      return {};
    };
    if (std::holds_alternative<held_by<settings>>(key->held)) return put_in(to_);
    if (std::holds_alternative<held_by<service_settings>>(key->held)) return in_service(put_in);
    return in_group(group.name, put_in);
  }

  // Without a time `peek` has the usual one, and so has `no peek`: nothing is kept that is not written.
  template <class Change>
  outcome put_with_time(const Change& c, const setting_value& value) {
    const outcome done = put(c.key, c.of, value);
    const bool peeks = c.key == key_of<&service_settings::peek>;
    return done && peeks ? put(key_of<&service_settings::peek_time>, {}, service_settings().peek_time) : done;
  }

  // Nor must a mistyped name make a group.
  template <class Change>
  outcome in_group(const std::string& name, Change change) {
    const auto found = to_.vrrp.find(name);
    return found == to_.vrrp.end() ? no_group(name) : change(found->second);
  }

  // A mistyped name must not make a service; the default one needs no making.
  template <class Change>
  outcome in_service(Change change) {
    const bool makes = service_name_ == default_service && !to_.services.contains(service_name_);
    if (makes) {
      if (const outcome made = make_service(service_name_); !made) return made;
    }
    const auto found = to_.services.find(service_name_);
    if (found == to_.services.end()) return no_service(service_name_);
    const outcome changed = change(found->second);
    if (!changed && makes) to_.services.erase(found);
    return changed;
  }

  outcome make_service(const std::string& name) {
    if (to_.services.contains(name)) return {};
    if (to_.services.size() >= max_services) return no(at_most(max_services, "services"));
    to_.services.emplace(name, fresh_service(name));
    return {};
  }

  outcome no_service(const std::string& name) const {
    return no("no service " + name + ": expected " + named_among(to_.services, "`service " + name + "` first"));
  }

  outcome no_group(const std::string& name) const {
    return no("no group " + name + ": expected " + named_among(to_.vrrp, "`vrrp " + name + " interface ...` first"));
  }

  outcome no_server(const service_settings& of, const std::string& name) const {
    return no("no server " + name + " in service " + of.name + ": give its address first");
  }

  outcome no_acl(const std::string& name) const {
    return no("no acl " + name + ": expected 0 to 9, or one made by `acl " + name + " permit|deny ...` before");
  }

  bool acl_exists(const std::string& name) const { return is_pen_number(name) || to_.acls.contains(name); }

  outcome add_rule(const std::string& name, acl_rule rule) {
    const auto found = to_.acls.find(name);
    if (found == to_.acls.end() && to_.acls.size() >= max_acls) return no(at_most(max_acls, "acls"));
    if (found != to_.acls.end() && found->second.size() >= max_acl_rules) {
      return no(at_most(max_acl_rules, "rules in an acl"));
    }
    to_.acls[name].push_back(rule);
    return {};
  }

  outcome change_server(service_settings& of, const say::change_server& c) {
    const server_settings* known = of.find_server(c.name);
    if (known == nullptr && !c.address) return no_server(of, c.name);
    if (known == nullptr && of.servers.size() >= max_servers) return no(at_most(max_servers, "servers of a service"));
    if (c.acl && !acl_exists(*c.acl)) return no_acl(*c.acl);

    server_settings made = known == nullptr ? server_settings{.name = c.name} : *known;
    if (c.address) {
      const std::string former_port = c.address->path.empty() ? made.where.port : "";
      made.where = *c.address;
      if (made.where.port.empty() && made.where != place{}) made.where.port = former_port;
    }
    if (c.port && !made.where.host.empty()) {
      if (*c.port == "0" && !slot_of(c.name))
        return no("0 is no port; `server " + c.name + " drain` keeps new clients away");
      made.where.port = *c.port;
    } else if (c.port && *c.port != (made.where.path.empty() ? "0" : "1")) {  // Pen's words for none
      return no("a port belongs to a server with a host: expected an address");
    }
    const auto copy = [](const auto& from, auto& to) {
      if (from) to = *from;
    };
    copy(c.acl, made.acl);
    copy(c.max, made.max);
    copy(c.hard, made.hard);
    copy(c.weight, made.weight);
    copy(c.prio, made.prio);
    copy(c.drain, made.drain);
    if (known == nullptr) {
      of.add_server(std::move(made));
    } else {
      *of.find_server(c.name) = std::move(made);
    }
    if (c.blacklist) disable_for({of.name, c.name, *c.blacklist});
    return {};
  }

  // What was said last of a server counts.
  void disable_for(disabled_server one) {
    std::erase_if(to_.to_disable,
                  [&](const disabled_server& a) { return a.service == one.service && a.server == one.server; });
    to_.to_disable.push_back(std::move(one));
  }

  template <class Said>
  outcome set_check(check_settings made, const Said& c) {
    made.port = c.port.value_or(made.port);
    made.every = c.every.value_or(made.every);
    made.rise = c.rise.value_or(made.rise);
    made.fall = c.fall.value_or(made.fall);
    return in_service([&](service_settings& of) -> outcome {
      of.check = made;
      return {};
    });
  }

  settings& to_;
  std::string service_name_;
};

}  // namespace

namespace {

// Of all services unless one is said.
bool asks_of_all(const command& c) {
  const auto* request = std::get_if<say::balancer_request>(&c);
  const bool of_one = request == nullptr || std::holds_alternative<say::close_server>(*request) ||
                      std::holds_alternative<say::pin_client>(*request);
  return !of_one;
}

}  // namespace

std::string lacks_service(const settings& now, const sentence& s) {
  if (row_of(s.what).of != about::service || now.services.contains(s.of_service())) return {};
  if (s.service.empty() && (now.services.empty() || asks_of_all(s.what))) return {};  // Pen's needs no making
  const std::string begin = "`service " + s.of_service() + "` alone makes it";
  const std::string known = named_among(now.services, begin);
  if (s.service.empty()) return "of which service? expected `service NAME` in front: " + known;
  return "no service " + s.service + ": " + (now.services.empty() ? known : "expected " + known + "; " + begin);
}

result<void, refusal> apply(settings& to, const sentence& s) {
  const auto* change = std::get_if<say::change>(&s.what);
  if (change == nullptr) return {};
  return std::visit(change_applier(to, s), *change);
}

}  // namespace holdfast
