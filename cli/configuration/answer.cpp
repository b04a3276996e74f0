#include "cli/configuration/apply.h"
#include "cli/configuration/config.h"
#include "cli/configuration/write.h"
#include "cli/language/grammar.h"
#include "cli/language/help.h"
#include "cli/language/row.h"
#include "cli/language/table.h"

namespace holdfast {

namespace {

template <auto... Members>
struct among {
  template <auto Member>
  static constexpr bool has = (std::is_same_v<say::show<Member>, say::show<Members>> || ...);
};

// What Pen repeats when it is set.
using repeated = among<&service_settings::blacklist, &service_settings::timeout, &service_settings::tracking,
                       &service_settings::idle_timeout, &service_settings::clients_max, &service_settings::conn_max,
                       &service_settings::client_acl, &settings::control_acl, &settings::debug, &settings::log,
                       &settings::web_stats>;

// "30", "0.1"
std::string in_seconds(duration value) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(value).count();
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 == 0) return text;
  std::string part = std::to_string(1000 + ms % 1000);
  part.erase(part.find_last_not_of('0') + 1);
  return text + '.' + part.substr(1);
}

// The name of a setting: the words before its value.
template <auto Member>
std::string name_of_setting() {
  std::string name;
  for (const element& e : row_of(say::question(say::show<Member>{})).fixed) {
    if (!e.fills) name += (name.empty() ? "" : "_") + e.shown;
  }
  return name;
}

class answerer {
 public:
  answerer(const settings& from, const sentence& s) : from_(from), name_(s.of_service()) {
    const auto found = from.services.find(name_);
    if (found != from.services.end()) service_ = found->second;
  }

  template <auto Member>
  reply operator()(const say::show<Member>& asked) const {
    const auto* owner = owner_of<Member>(asked);
    if (owner == nullptr) return refused("no group " + name_of(asked.of));
    const auto& held = owner->*Member;
    if constexpr (std::is_same_v<std::decay_t<decltype(held)>, duration>) {
      if (held != automatic_time) {
        return shown(name_of_setting<Member>(), unit::seconds, std::chrono::duration<double>(held).count(),
                     pen_line<Member>(held));
      }
    }
    const std::string text = text_of<Member>(held);
    if (text.empty()) return unset(name_of_setting<Member>());
    return shown(name_of_setting<Member>(), unit::text, boost::json::string(text), pen_line<Member>(held));
  }

  reply operator()(const say::show<&settings::cluster_key>&) const {
    const std::string name = name_of_setting<&settings::cluster_key>();
    if (from_.cluster_key.empty()) return unset(name);
    const std::string next = from_.next_cluster_key.empty() ? "" : " next " + from_.next_cluster_key;
    const std::string text = from_.cluster_key + next;
    return shown(name, unit::text, boost::json::string(text), text + '\n');
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
      if (const auto* change = std::get_if<say::change>(&said->what)) {
        if (auto is = std::visit([&](const auto& c) { return is_on(c, asked.words); }, *change)) return std::move(*is);
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
  template <auto Member>
  reply operator()(const say::set_to<Member>& c) const {
    reply r;
    if constexpr (repeated::has<Member>) r.pen = pen_line<Member>(c.value);
    return r;
  }
  reply operator()(const say::add_listener& c) const {
    reply r;
    r.pen = listen_word::print(c.where) + '\n';
    return r;
  }
  template <class Other>
  reply operator()(const Other&) const {
    return {};
  }

 private:
  template <auto Member>
  std::optional<reply> is_on(const say::turn_on<Member>& asked, const std::string& words) const {
    const auto* owner = owner_of<Member>(asked);
    if (owner == nullptr) return refused("no group " + name_of(asked.of));
    const std::string text = owner->*Member ? on_word : off_word;
    return shown(words, unit::state, boost::json::string(text), text + '\n');
  }
  template <class Other>
  std::optional<reply> is_on(const Other&, const std::string&) const {
    return std::nullopt;
  }

  template <auto Member, class Asked>
  const say::owner_of_member<Member>* owner_of(const Asked& asked) const {
    using owner = say::owner_of_member<Member>;
    if constexpr (std::is_same_v<owner, settings>) return &from_;
    if constexpr (std::is_same_v<owner, service_settings>) return &service_;
    if constexpr (std::is_same_v<owner, vrrp_settings>) {
      const auto found = from_.vrrp.find(asked.of.name);
      return found == from_.vrrp.end() ? nullptr : &found->second;
    }
  }

  static std::string name_of(const say::group& g) { return g.name; }
  static std::string name_of(const say::unnamed&) { return {}; }

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

  template <auto Member, class T>
  static std::string text_of(const std::optional<T>& value) {
    return value ? text_of<Member>(*value) : "";
  }
  template <auto Member, class T>
  static std::string text_of(const T& value) {
    const command setting = say::change(say::set_to<Member>{value});
    return row_of(setting).holes.back().print(setting).value();  // before it: the group
  }

  template <auto Member, class T>
  static std::string pen_line(const T& value) {
    if constexpr (std::is_same_v<T, duration>) {
      if (value == automatic_time) return text_of<Member>(value) + '\n';
      const bool idle = std::is_same_v<say::show<Member>, say::show<&service_settings::idle_timeout>>;
      return (idle ? "Idle timeout: " + in_seconds(value) + " seconds" : in_seconds(value)) + '\n';
    } else {
      return text_of<Member>(value) + '\n';
    }
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
