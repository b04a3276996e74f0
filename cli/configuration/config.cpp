#include "cli/configuration/config.h"

#include <algorithm>
#include <vector>

#include "cli/configuration/apply.h"
#include "cli/configuration/known_rules.h"
#include "cli/configuration/node_check.h"
#include "cli/language/grammar.h"
#include "cli/language/match.h"
#include "cli/language/table.h"
#include "cli/language/words.h"
#include "cli/settings/vrrp_check.h"

namespace holdfast {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";  // what some editors put in front of a text

std::string_view without_mark(std::string_view text) {
  return text.substr(text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
}

// "/etc/holdfast/holdfast.conf" and "web.conf" -> "/etc/holdfast/web.conf"
std::string beside(const std::string& file, const std::string& path) {
  const auto slash = file.rfind('/');
  if (slash == file.npos || path.front() == '/') return path;
  return file.substr(0, slash + 1) + path;
}

class loader {
 public:
  loader(std::string_view node_name, const file_reader& read, const settings& base)
      : node_name_(node_name), read_(read), made_(base) {}

  void know_rules() { known_.emplace(made_); }

  void file(const std::string& path) {
    if (const auto text = read_(path))
      this->text(*text, path);
    else
      refuse({path, 0, 0, text.error()});
  }

  void text(std::string_view all, const std::string& path) {
    if (all.size() > max_file) return refuse({path, 0, 0, "expected at most " + std::to_string(max_file) + " bytes"});
    all = without_mark(all);
    open_.push_back(path);
    for (std::size_t number = 1; !all.empty() && !is_full(); ++number) {
      const std::size_t end = std::min(all.find('\n'), all.size());
      line(all.substr(0, end), path, number);
      all.remove_prefix(std::min(end + 1, all.size()));
    }
    open_.pop_back();
  }

  // What no line alone can have wrong. A group that is not finished may be so for its refused lines.
  void check(const std::string& path) {
    const bool refused = !errors_.empty();
    for (const finding& f : check_vrrp(made_)) {
      if (f.is == severity::refuses || (f.is == severity::unfinished && !refused)) refuse(at_last_line(f, path));
    }
  }

  // The settings, once every line was heard: a node may be declared after it is spoken of.
  loaded_config finish() {
    for (const auto& [name, where] : spoken_of_) {
      if (made_.nodes.empty() || is_node(name)) continue;
      config_error error = where;
      error.why = "no node " + name + ": expected one of";
      for (const node_settings& n : made_.nodes) error.why += ' ' + n.name;
      refuse(std::move(error));
    }
    if (known_) known_->finish(made_);
    if (errors_.empty()) return std::move(made_);
    if (is_full()) errors_.back().why += "; the rest is not read";
    return config_errors{std::move(errors_), std::move(made_)};
  }

  // Where the last line about it stands, and what is to be said there.
  config_error at_last_line(const finding& f, const std::string& path) const {
    for (std::string_view about = f.about; !about.empty(); about = about.substr(0, about.find_last_of(' '))) {
      const auto about_it = [&](const said_line& l) {
        return l.said.starts_with(about) && (l.said.size() == about.size() || l.said[about.size()] == ' ');
      };
      const auto last = std::find_if(said_.rbegin(), said_.rend(), about_it);
      if (last != said_.rend()) return {last->where.file, last->where.line, last->where.column, f.why};
      if (about.find(' ') == about.npos) break;
    }
    return {path, 0, 0, f.why};
  }

  const std::vector<config_error>& errors() const { return errors_; }
  const std::vector<config_error>& warnings() const { return warnings_; }

 private:
  void refuse(config_error error) { errors_.push_back(std::move(error)); }
  bool is_full() const { return errors_.size() >= most_config_errors; }

  bool is_node(const std::string& name) const {
    return std::any_of(made_.nodes.begin(), made_.nodes.end(), [&](const auto& n) { return n.name == name; });
  }

  void line(std::string_view text, const std::string& path, std::size_t number) {
    const auto error = [&](std::size_t column, std::string why) {
      return config_error{path, number, column, std::move(why)};
    };
    if (text.size() <= max_line && says_nothing(text)) return;
    auto said = parse(text, source::file);
    if (!said) return refuse(error(said.error().column, "expected " + said.error().expected));
    const auto words = split(text);
    const std::size_t command = take_prefixes(words).taken;
    const std::size_t column = words[command].column;
    if (!said->node.empty()) {
      spoken_of_.emplace_back(said->node, error(words[1].column, ""));
      if (said->node != node_name_) return;
    }
    if (const auto* request = std::get_if<say::common_request>(&said->what)) {
      return include(beside(path, std::get<say::include>(*request).file), error(column, ""));
    }
    if (said->service.empty()) said->service = service_;
    said_.push_back({full_line(*said), error(column, "")});
    if (known_ && known_->repeats(std::get<say::change>(said->what))) return;
    if (const std::string why = given_twice(*said, path, number); !why.empty()) return refuse(error(column, why));
    if (const auto done = apply(made_, *said); !done) return refuse_once(error(column, done.error().why));
    look_at_length(*said, words, command, error(column, ""));
    if (const auto* begun = std::get_if<say::begin_service>(&std::get<say::change>(said->what))) service_ = begun->name;
  }

  // `no group front` is true of every line about a group whose first line was refused: one of them says so.
  void refuse_once(config_error error) {
    const auto same = [&](const config_error& e) { return e.why == error.why; };
    if (std::none_of(errors_.begin(), errors_.end(), same)) refuse(std::move(error));
  }

  static std::string full_line(const sentence& said) {
    const std::string what = print(said.what);
    return row_of(said.what).of == about::service ? "service " + said.of_service() + ' ' + what : what;
  }

  // What 192.0.2.80 alone means is seldom meant, and /32 can be said.
  void look_at_length(const sentence& said, const std::vector<word_at>& words, std::size_t command, config_error at) {
    const auto* added = std::get_if<say::add_vrrp_address>(&std::get<say::change>(said.what));
    constexpr std::size_t place = 3;  // vrrp GROUP address ADDRESS
    if (added == nullptr || words[command + place].text.find('/') != std::string_view::npos) return;
    at.why = "a virtual address without the length of its network is " + link_address_word::print(added->at) +
             ": expected, for example, " + added->at.host.text() + (added->at.host.is_v4() ? "/24" : "/64");
    warnings_.push_back(std::move(at));
  }

  // As Pen's users and files say it of a slot that is free.
  static bool is_no_place(const say::change_server& c) {
    return server_settings{.where = {c.address->host, c.port.value_or(c.address->port), c.address->path}}.is_empty();
  }

  // A line that was copied and not changed: the second address of a server would silently replace the first.
  std::string given_twice(const sentence& said, const std::string& path, std::size_t number) {
    const auto* change = std::get_if<say::change>(&said.what);
    const auto* server = change == nullptr ? nullptr : std::get_if<say::change_server>(change);
    if (server == nullptr || !server->address || !said.node.empty() || is_no_place(*server)) return {};
    const auto [known, fresh] = addresses_.try_emplace(
        {said.of_service(), server->name}, address_line{*server->address, path + ':' + std::to_string(number)});
    if (fresh || known->second.where == *server->address) return {};
    return "server " + server->name + " has the address " + host_word::print(known->second.where) + " already, from " +
           known->second.line + ": expected another name";
  }

  void include(const std::string& path, config_error error) {
    if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
      error.why = path + " includes itself";
      return refuse(std::move(error));
    }
    if (open_.size() > max_include_depth) {
      error.why = "expected at most " + std::to_string(max_include_depth) + " files that include each other";
      return refuse(std::move(error));
    }
    const auto text = read_(path);
    if (!text) {
      error.why = "include " + path + ": " + text.error();
      return refuse(std::move(error));
    }
    const std::string service = service_;
    this->text(*text, path);
    service_ = service;  // what an included file begins ends with it
  }

  std::string_view node_name_;
  const file_reader& read_;
  settings made_;
  std::optional<known_rules> known_;  // of a file that is read again
  std::vector<config_error> errors_, warnings_;
  std::string service_;                                          // what `service NAME` began
  std::vector<std::string> open_;                                // files being read, outermost first
  std::vector<std::pair<std::string, config_error>> spoken_of_;  // nodes after `on`, and where
  struct address_line {
    place where;
    std::string line;  // "FILE:LINE"
  };
  std::map<std::pair<std::string, std::string>, address_line> addresses_;  // of servers, by service and name
  struct said_line {
    std::string said;  // with its service, as print() has it
    config_error where;
  };
  std::vector<said_line> said_;
};

}  // namespace

std::string config_error::text(std::string_view is) const {
  std::string where = file;
  if (line > 0) where += ':' + std::to_string(line);
  if (column > 0) where += ':' + std::to_string(column);
  return where.append(": ").append(is).append(why);
}

std::optional<unwritable_line> first_unwritable(std::string_view file_text) {
  std::string_view all = without_mark(file_text);
  for (std::size_t number = 1; !all.empty(); ++number) {
    const std::size_t end = std::min(all.find('\n'), all.size());
    const auto said = parse(all.substr(0, end), source::file);
    if (said && !said->node.empty()) return unwritable_line{number, "on " + said->node};
    const auto* request = said ? std::get_if<say::common_request>(&said->what) : nullptr;
    if (request != nullptr) return unwritable_line{number, "include " + std::get<say::include>(*request).file};
    all.remove_prefix(std::min(end + 1, all.size()));
  }
  return std::nullopt;
}

std::string config_errors::text() const {
  std::string lines;
  for (const config_error& e : all) lines += (lines.empty() ? "" : "\n") + e.text();
  return lines;
}

loaded_config load_config(const std::string& path, std::string_view node_name, const file_reader& read,
                          const settings& base) {
  loader loading(node_name, read, base);
  loading.file(path);
  loading.check(path);
  return loading.finish();
}

loaded_config add_config(const std::string& path, std::string_view node_name, const file_reader& read,
                         const settings& present) {
  loader loading(node_name, read, present);
  loading.know_rules();
  loading.file(path);
  loading.check(path);
  return loading.finish();
}

loaded_config load_config_text(std::string_view text, const std::string& path, std::string_view node_name,
                               const file_reader& read, const settings& base) {
  loader loading(node_name, read, base);
  loading.text(text, path);
  return loading.finish();
}

std::map<std::string, loaded_config> load_for_nodes(const settings& loaded, const std::string& path,
                                                    std::string_view node_name, const file_reader& read,
                                                    const settings& base) {
  std::map<std::string, loaded_config> all;
  for (const node_settings& n : loaded.nodes) {
    all.emplace(n.name, n.name == node_name ? loaded : load_config(path, n.name, read, base));
  }
  return all;
}

std::vector<config_error> warnings_about(const settings& loaded, const findings& more, const std::string& path,
                                         std::string_view node_name, const file_reader& read, const settings& base) {
  loader again(node_name, read, base);
  again.file(path);
  again.check(path);
  std::vector<config_error> all = again.warnings();
  std::map<std::string, settings> nodes;
  for (const auto& [name, there] : load_for_nodes(loaded, path, node_name, read, base)) {
    nodes.emplace(name, there ? *there : there.error().rest);
    for (config_error e : there ? std::vector<config_error>() : there.error().all) {
      if (std::find(again.errors().begin(), again.errors().end(), e) != again.errors().end()) continue;
      e.why.insert(0, "node " + name + " would refuse this: ");
      all.push_back(std::move(e));
    }
  }
  for (const findings& found : {check_vrrp(loaded), check_cluster(nodes), check_nodes(loaded, std::string(node_name)),
                                check_listeners(loaded), more}) {
    for (const finding& f : found) {
      if (f.is == severity::warns) all.push_back(again.at_last_line(f, path));
    }
  }
  return all;
}

std::vector<config_error> located(const findings& all, const std::string& path, std::string_view node_name,
                                  const file_reader& read, const settings& base) {
  loader loading(node_name, read, base);
  loading.file(path);
  std::vector<config_error> found;
  for (const finding& f : all) found.push_back(loading.at_last_line(f, path));
  return found;
}

}  // namespace holdfast
