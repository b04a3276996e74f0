#include <algorithm>
#include <array>

#include "cli/configuration/apply.h"
#include "cli/configuration/config.h"
#include "cli/configuration/write.h"
#include "cli/language/grammar.h"
#include "cli/language/help.h"
#include "cli/language/row.h"
#include "cli/language/table.h"

namespace holdfast {

namespace {

// What Pen repeats when it is set.
constexpr std::array repeated{key_of<&service_settings::blacklist>,
                              key_of<&service_settings::timeout>,
                              key_of<&service_settings::tracking>,
                              key_of<&service_settings::idle_timeout>,
                              key_of<&service_settings::clients_max>,
                              key_of<&service_settings::conn_max>,
                              key_of<&service_settings::client_acl>,
                              key_of<&settings::control_acl>,
                              key_of<&settings::debug>,
                              key_of<&settings::log>,
                              key_of<&settings::web_stats>};

// "30", "0.1"
std::string in_seconds(duration value) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(value).count();
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 == 0) return text;
  std::string part = std::to_string(1000 + ms % 1000);
  part.erase(part.find_last_not_of('0') + 1);
  return text + '.' + part.substr(1);
}

// The words of a setting: of `log format` "log_format".
std::string name_of(const say::question& asked) {
  std::string name;
  for (const element& e : row_of(asked).fixed) {
    if (!e.fills) name += (name.empty() ? "" : "_") + e.shown;
  }
  return name;
}

std::string text_of(setting_key key, const setting_value& value) {
  const command setting = say::change(say::set{key, value});
  return row_of(setting).arguments.back().print(setting).value();  // before it: the group
}

const duration* time_in(const setting_value& value) {
  const auto* time = std::get_if<duration>(&value);
  return time == nullptr || *time == automatic_time ? nullptr : time;
}

std::string pen_line(setting_key key, const setting_value& value) {
  const duration* time = time_in(value);
  if (time == nullptr) return text_of(key, value) + '\n';
  const bool idle = key == key_of<&service_settings::idle_timeout>;
  return (idle ? "Idle timeout: " + in_seconds(*time) + " seconds" : in_seconds(*time)) + '\n';
}

class answerer {
 public:
  answerer(const settings& from, const sentence& s) : from_(from), name_(s.of_service()) {
    const auto found = from.services.find(name_);
    if (found != from.services.end()) service_ = found->second;
  }

  reply operator()(const say::show& asked) const {
    const auto value = value_of(asked.key, asked.of);
    if (!value) return refused("no group " + asked.of.name);
    const std::string name = name_of(asked);
    if (is_none(*value)) return unset(name);
    const std::string pen = pen_line(asked.key, *value);
    if (const duration* time = time_in(*value)) {
      return shown(name, unit::seconds, seconds_of(*time), pen);
    }
    return shown(name, unit::text, boost::json::string(text_of(asked.key, *value)), pen);
  }

  reply operator()(const say::show_cluster_key& asked) const {
    if (from_.cluster_key.empty()) return unset(name_of(asked));
    const std::string next = from_.next_cluster_key.empty() ? "" : " next " + from_.next_cluster_key;
    const std::string text = from_.cluster_key + next;
    return shown(name_of(asked), unit::text, boost::json::string(text), text + '\n');
  }

  reply operator()(const say::show_listeners&) const {
    reply r;
    r.tables.push_back({"listeners", {{"service"}, {"listen"}}, {}});
    for (const place& where : service_.listeners) {
      const std::string text = listen_word::print(where);
      r.tables.back().rows.push_back({boost::json::string(name_), boost::json::string(text)});
      r.pen += text + '\n';
    }
    return r;
  }

  reply operator()(const say::show_check&) const {
    reply r;
    r.pen = print(command_for(service_.check)) + '\n';
    return r;
  }

  reply operator()(const say::show_config&) const {
    reply r;
    r.pen = write_config(from_);
    return r;
  }

  // A flag, or what can be asked by its own words.
  reply operator()(const say::show_setting& asked) const {
    for (const source from : {source::control, source::file}) {
      const auto said = parse(asked.words, from);
      if (!said || !said->service.empty() || !said->node.empty()) continue;
      const auto* question = std::get_if<say::question>(&said->what);
      const bool again = question != nullptr && std::holds_alternative<say::show_setting>(*question);
      if (question != nullptr && !again) return std::visit(*this, *question);
      const auto* change = std::get_if<say::change>(&said->what);
      if (change != nullptr && row_of(*change).form == setting_form::flag) {
        return is_on(std::get<say::set>(*change), asked.words);
      }
    }
    return refused("expected the words of a setting, such as `show tcp_nodelay` or `show timeout`");
  }

  // Pen's five, in its order; ours come after them.
  reply operator()(const say::mode&) const {
    reply r;
    const auto add = [&](bool on, const char* word) {
      r.pen += (r.pen.empty() ? "" : " ") + std::string(on ? "" : "no ") + word;
    };
    add(service_.hash, "hash");
    add(service_.roundrobin, "roundrobin");
    add(service_.stubborn, "stubborn");
    add(service_.weight, "weight");
    add(service_.prio, "prio");
    add(service_.least, "least");
    r.pen += '\n';
    return r;
  }

  reply operator()(const say::help& h) const {
    reply r;
    r.pen = help_text(h.word);
    if (r.pen.empty()) return refused("no command has the word " + *h.word);
    return r;
  }

  // Changes.
  reply operator()(const say::set& c) const {
    reply r;
    if (std::find(repeated.begin(), repeated.end(), c.key) != repeated.end()) r.pen = pen_line(c.key, c.value);
    return r;
  }
  reply operator()(const say::add_listener& c) const {
    reply r;
    r.pen = listen_word::print(c.where) + '\n';
    return r;
  }
  reply operator()(const say::idlers& c) const {
    reply r;
    r.pen = "Idlers: 0/" + std::to_string(c.wanted.value_or(0)) + '\n';
    return r;
  }
  template <class Other>
  reply operator()(const Other&) const {
    return {};
  }

 private:
  reply is_on(const say::set& asked, const std::string& words) const {
    const auto value = value_of(asked.key, asked.of);
    if (!value) return refused("no group " + asked.of.name);
    const std::string text = std::get<bool>(*value) ? on_word : off_word;
    return shown(words, unit::state, boost::json::string(text), text + '\n');
  }

  // None: there is no such group.
  std::optional<setting_value> value_of(setting_key key, const say::group& group) const {
    if (const auto* held = std::get_if<held_by<settings>>(&key->held)) return held->get(from_);
    if (const auto* held = std::get_if<held_by<service_settings>>(&key->held)) return held->get(service_);
    const auto found = from_.vrrp.find(group.name);
    if (found == from_.vrrp.end()) return std::nullopt;
    return std::get<held_by<vrrp_settings>>(key->held).get(found->second);
  }

  static reply shown(const std::string& name, unit is, boost::json::value value, std::string pen) {
    reply r;
    r.tables.push_back({"setting", {{name, is}}, {{std::move(value)}}});
    r.pen = std::move(pen);
    return r;
  }

  // Pen is silent about what is not set.
  static reply unset(const std::string& name) {
    reply r;
    r.message = name + " is not set";
    return r;
  }

  const settings& from_;
  std::string name_;
  service_settings service_;  // defaults if there is none
};

}  // namespace

reply answer(const settings& from, const sentence& s) {
  const answerer a(from, s);
  if (const auto* question = std::get_if<say::question>(&s.what)) return std::visit(a, *question);
  if (const auto* change = std::get_if<say::change>(&s.what)) return std::visit(a, *change);
  return {};
}

}  // namespace holdfast
