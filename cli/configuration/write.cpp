#include "cli/configuration/write.h"

#include <algorithm>

#include "cli/configuration/config.h"
#include "cli/language/grammar.h"
#include "cli/language/table.h"

namespace holdfast {

namespace {

template <class T>
struct written_setting {
  setting_form form;
  setting_key key;
  const held_by<T>* held;
};

// What T has, in the order in which it is written: by form, then as settings.h has it.
template <class T>
std::vector<written_setting<T>> settings_of() {
  std::vector<written_setting<T>> all;
  for (const topic& t : table()) {
    for (const row& r : t.rows) {
      const auto* held = r.form ? std::get_if<held_by<T>>(&r.says.of->held) : nullptr;
      if (held != nullptr) all.push_back({*r.form, r.says.of, held});
    }
  }
  const T any;
  const auto place = [&](const written_setting<T>& s) { return std::pair(s.form, s.held->where(any)); };
  std::sort(all.begin(), all.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return all;
}

template <class T>
struct list_of_commands {
  const T& now;
  say::group of = {};
  std::vector<command> said = {};
  T usual = {};

  // Every setting that is one value and that T has.
  void add_settings() {
    static const auto all = settings_of<T>();
    for (const auto& [form, key, held] : all) {
      const setting_value value = held->get(now);
      if (value == held->get(usual)) continue;
      const bool flag = form == setting_form::flag;
      if (is_none(value) || (flag && !std::get<bool>(value))) {
        add(say::unset{key, of});
      } else {
        add(say::set{key, flag ? setting_value() : value, of});
      }
    }
  }

  void add(say::change c) { said.emplace_back(std::move(c)); }
};

say::change_server command_for(const server_settings& s) {
  const server_settings usual;
  say::change_server c;
  c.name = s.name;
  c.address = s.where;
  if (s.where.port == "0") std::swap(c.port.emplace(), c.address->port);  // an empty slot: a place has no such port
  const auto note = [](const auto& now, const auto& then, auto& said) {
    if (now != then) said = now;
  };
  note(s.acl, usual.acl, c.acl);
  note(s.max, usual.max, c.max);
  note(s.hard, usual.hard, c.hard);
  note(s.weight, usual.weight, c.weight);
  note(s.prio, usual.prio, c.prio);
  note(s.drain, usual.drain, c.drain);
  return c;
}

say::add_listener command_for(const place& where, const std::map<std::string, socket_access>& access) {
  say::add_listener c{.where = where, .mode = {}, .owner = {}, .group = {}};
  const auto said = access.find(where.path);
  if (where.path.empty() || said == access.end()) return c;
  c.mode = said->second.mode;
  if (!said->second.owner.empty()) c.owner = said->second.owner;
  if (!said->second.group.empty()) c.group = said->second.group;
  return c;
}

say::change command_for(const std::string& acl, const acl_rule& rule) {
  if (const auto* network = std::get_if<prefix>(&rule.who)) return say::add_network{acl, rule.permit, *network};
  return say::add_country{acl, rule.permit, std::get<country>(rule.who)};
}

}  // namespace

command command_for(const check_settings& s) {
  const check_settings usual;
  const auto noted = [](const auto& now, const auto& then) { return now == then ? std::nullopt : std::optional(now); };
  const auto port = noted(s.port, usual.port);
  const auto every = noted(s.every, usual.every);
  const auto rise = noted(s.rise, usual.rise);
  const auto fall = noted(s.fall, usual.fall);
  const say::statuses expect{s.expect_low, s.expect_high};
  switch (s.how) {
    case check_kind::none: return say::change(say::no_check{});
    case check_kind::tcp: return say::change(say::check_tcp{port, every, rise, fall});
    case check_kind::http: break;
  }
  const auto host = noted(s.host, usual.host);
  return say::change(say::check_http{s.path, host, port, noted(expect, say::statuses{}), every, rise, fall});
}

std::vector<command> commands_for(const settings& s) {
  list_of_commands<settings> list{s};
  for (const node_settings& n : s.nodes) list.add(say::add_node{n});
  for (const auto& [name, rules] : s.acls) {
    if (rules.empty()) list.add(say::clear_acl{name});
    for (const acl_rule& rule : rules) list.add(command_for(name, rule));
  }
  list.add_settings();
  if (!s.cluster_key.empty()) {
    const bool replaced = !s.next_cluster_key.empty();
    list.add(say::set_cluster_key{s.cluster_key, replaced ? std::optional(s.next_cluster_key) : std::nullopt});
  }
  if (s.control_tcp) list.add(say::set{key_of<&settings::control_tcp>, *s.control_tcp});
  return std::move(list.said);
}

std::vector<command> commands_for(const service_settings& s) {
  list_of_commands<service_settings> list{.now = s, .usual = fresh_service(s.name)};
  for (const place& where : s.listeners) list.add(command_for(where, s.socket_access));
  for (const server_settings& one : s.servers) list.add(command_for(one));
  list.add_settings();
  if (s.client_prefix4 != list.usual.client_prefix4 || s.client_prefix6 != list.usual.client_prefix6) {
    list.add(say::client_prefix{s.client_prefix4, s.client_prefix6});
  }
  if (s.peek && s.peek_time != list.usual.peek_time) list.add(say::peek_for{s.peek_time});
  if (s.server_down == duration::zero()) {
    list.add(say::server_down_keep{});
  } else if (s.server_down != list.usual.server_down) {
    list.add(say::set{key_of<&service_settings::server_down>, s.server_down});
  }
  if (s.check != list.usual.check) list.said.push_back(command_for(s.check));
  return std::move(list.said);
}

std::vector<command> commands_for(const vrrp_settings& s) {
  const say::group of{s.name};
  list_of_commands<vrrp_settings> list{s, of};
  list.add(say::begin_group{of, s.interface});
  for (const vrrp_address& a : s.addresses) {
    list.add(say::add_vrrp_address{
        of, {a.host, a.length}, a.interface.empty() ? std::nullopt : std::optional(a.interface), a.id});
  }
  list.add_settings();
  for (const address& peer : s.peers) list.add(say::add_vrrp_peer{of, peer});
  for (const std::string& interface : s.track) list.add(say::add_vrrp_track{of, interface});
  const auto key = s.hmac_id == list.usual.hmac_id ? std::nullopt : std::optional(s.hmac_id);
  if (s.hmac != hmac_mode::off) list.add(say::set_vrrp_hmac{of, s.hmac_key, s.hmac, key});
  return std::move(list.said);
}

std::string write_config(const settings& s) {
  std::string text;
  const auto write = [&](const std::vector<command>& commands) {
    for (const command& c : commands) text += print(c) + '\n';
  };
  const auto write_group = [&](const vrrp_settings& of) {
    if (!text.empty()) text += '\n';
    write(commands_for(of));
  };
  const auto write_service = [&](const service_settings& of) {
    const auto commands = commands_for(of);
    const bool lone = s.services.size() == 1 && of.name == default_service && !commands.empty();
    if (!text.empty()) text += '\n';
    if (!lone) text += print(say::change(say::begin_service{of.name})) + '\n';
    write(commands);
  };
  write(commands_for(s));
  for (const auto& [name, of] : s.vrrp) write_group(of);
  for (const auto& [name, of] : s.services) write_service(of);
  return text;
}

}  // namespace holdfast
