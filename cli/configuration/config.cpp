#include "cli/configuration/config.h"

#include <algorithm>
#include <vector>

#include "cli/configuration/apply.h"
#include "cli/configuration/vrrp_check.h"
#include "cli/language/grammar.h"
#include "cli/language/match.h"
#include "cli/language/words.h"

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

  result<void, config_error> file(const std::string& path) {
    if (const auto text = read_(path))
      return this->text(*text, path);
    else
      return config_error{path, 0, 0, text.error()};
  }

  result<void, config_error> text(std::string_view all, const std::string& path) {
    if (all.size() > max_file)
      return config_error{path, 0, 0, "expected at most " + std::to_string(max_file) + " bytes"};
    all = without_mark(all);
    open_.push_back(path);
    std::size_t number = 0;
    while (!all.empty()) {
      const std::size_t end = std::min(all.find('\n'), all.size());
      const auto done = line(all.substr(0, end), path, ++number);
      if (!done) return done;
      all.remove_prefix(std::min(end + 1, all.size()));
    }
    open_.pop_back();
    return {};
  }

  // The settings, once every line was heard: a node may be declared after it is spoken of.
  result<settings, config_error> finish() {
    const auto& nodes = made_.nodes;
    for (const auto& [name, where] : spoken_of_) {
      const bool known =
          std::any_of(nodes.begin(), nodes.end(), [&, &wanted = name](const auto& n) { return n.name == wanted; });
      if (known || nodes.empty()) continue;
      config_error error = where;
      error.why = "no node " + name + ": expected one of";
      for (const node_settings& n : nodes) error.why += ' ' + n.name;
      return error;
    }
    return std::move(made_);
  }

  // What no line alone can have wrong.
  result<void, config_error> check(const std::string& path) const {
    for (const finding& f : check_vrrp(made_)) {
      if (f.is == severity::warns) continue;
      const auto last = last_about_.find(f.group);
      config_error error = last == last_about_.end() ? config_error{path} : last->second;
      error.why = f.why;
      return error;
    }
    return {};
  }

 private:
  result<void, config_error> line(std::string_view text, const std::string& path, std::size_t number) {
    const auto error = [&](std::size_t column, std::string why) {
      return config_error{path, number, column, std::move(why)};
    };
    if (text.size() <= max_line && says_nothing(text)) return {};
    auto said = parse(text, source::file);
    if (!said) return error(said.error().column, "expected " + said.error().expected);
    const auto words = split(text);
    const std::size_t column = words[take_prefixes(words).taken].column;  // of the command
    if (!said->node.empty()) {
      spoken_of_.emplace_back(said->node, error(words[1].column, ""));
      if (said->node != node_name_) return {};
    }
    if (const auto* request = std::get_if<say::common_request>(&said->what)) {
      return include(beside(path, std::get<say::include>(*request).file), error(column, ""));
    }
    if (said->service.empty()) said->service = service_;
    if (const std::string why = given_twice(*said, path, number); !why.empty()) return error(column, why);
    if (const auto done = apply(made_, *said); !done) return error(column, done.error().why);
    if (const std::string* group = said->of_group()) last_about_[*group] = error(column, "");
    if (const auto* begun = std::get_if<say::begin_service>(&std::get<say::change>(said->what))) service_ = begun->name;
    return {};
  }

  // A line that was copied and not changed: the second address of a server would silently replace the first.
  std::string given_twice(const sentence& said, const std::string& path, std::size_t number) {
    const auto* change = std::get_if<say::change>(&said.what);
    const auto* server = change == nullptr ? nullptr : std::get_if<say::change_server>(change);
    if (server == nullptr || !server->address || !said.node.empty()) return {};
    const auto [known, fresh] = addresses_.try_emplace(
        {said.of_service(), server->name}, address_line{*server->address, path + ':' + std::to_string(number)});
    if (fresh || known->second.where == *server->address) return {};
    return "server " + server->name + " has the address " + host_word::print(known->second.where) + " already, from " +
           known->second.line + ": expected another name";
  }

  result<void, config_error> include(const std::string& path, config_error error) {
    if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
      error.why = path + " includes itself";
      return error;
    }
    if (open_.size() > max_include_depth) {
      error.why = "expected at most " + std::to_string(max_include_depth) + " files that include each other";
      return error;
    }
    const auto text = read_(path);
    if (!text) {
      error.why = "include " + path + ": " + text.error();
      return error;
    }
    const std::string service = service_;
    const auto done = this->text(*text, path);
    service_ = service;  // what an included file begins ends with it
    return done;
  }

  std::string_view node_name_;
  const file_reader& read_;
  settings made_;
  std::string service_;                                          // what `service NAME` began
  std::vector<std::string> open_;                                // files being read, outermost first
  std::vector<std::pair<std::string, config_error>> spoken_of_;  // nodes after `on`, and where
  struct address_line {
    place where;
    std::string line;  // "FILE:LINE"
  };
  std::map<std::pair<std::string, std::string>, address_line> addresses_;  // of servers, by service and name
  std::map<std::string, config_error> last_about_;                         // groups, and where they were last spoken of
};

}  // namespace

std::string config_error::text() const {
  std::string where = file;
  if (line > 0) where += ':' + std::to_string(line);
  if (column > 0) where += ':' + std::to_string(column);
  return where + ": " + why;
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

result<settings, config_error> load_config(const std::string& path, std::string_view node_name, const file_reader& read,
                                           const settings& base) {
  loader loading(node_name, read, base);
  if (const auto done = loading.file(path); !done) return done.error();
  if (const auto whole = loading.check(path); !whole) return whole.error();
  return loading.finish();
}

result<settings, config_error> load_config_text(std::string_view text, const std::string& path,
                                                std::string_view node_name, const file_reader& read,
                                                const settings& base) {
  loader loading(node_name, read, base);
  if (const auto done = loading.text(text, path); !done) return done.error();
  return loading.finish();
}

std::map<std::string, result<settings, config_error>> load_for_nodes(const settings& loaded, const std::string& path,
                                                                     std::string_view node_name,
                                                                     const file_reader& read, const settings& base) {
  std::map<std::string, result<settings, config_error>> all;
  for (const node_settings& n : loaded.nodes) {
    all.emplace(n.name, n.name == node_name ? loaded : load_config(path, n.name, read, base));
  }
  return all;
}

std::vector<std::string> warnings_about(const settings& loaded, const std::string& path, std::string_view node_name,
                                        const file_reader& read, const settings& base) {
  std::vector<std::string> all;
  std::map<std::string, settings> nodes;
  for (const auto& [name, there] : load_for_nodes(loaded, path, node_name, read, base)) {
    if (there) {
      nodes.emplace(name, *there);
    } else {
      all.push_back("node " + name + " would refuse this: " + there.error().text());
    }
  }
  for (const finding& f : check_vrrp(loaded)) all.push_back(f.why);  // nothing worse is left of a file that was loaded
  for (const finding& f : check_cluster(nodes)) all.push_back(f.why);
  return all;
}

}  // namespace holdfast
