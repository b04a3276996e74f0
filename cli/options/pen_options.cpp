#include "cli/options/pen_options.h"

#include <algorithm>

#include "cli/configuration/apply.h"
#include "cli/language/grammar.h"
#include "cli/language/words.h"
#include "cli/options/pen_option_table.h"
#include "cli/options/server_argument.h"

namespace holdfast {

namespace {

mishap carry_out(reading& r, const option& o, const std::string& argument) {
  const std::string name = shown(o.row);
  switch (o.does) {
    case effect::says:
      r.said.emplace_back(name,
                          o.text.empty() ? argument : std::string(o.text) + (argument.empty() ? "" : ' ' + argument));
      return {};
    case effect::keeps: r.made.*o.keeps = argument; return {};
    case effect::ignored: r.note(name + " is accepted without effect"); return {};
    case effect::refused: return name + ": " + std::string(o.text);
    case effect::own: break;
  }
  return o.own(r, argument);
}

result<std::string, std::string> no_files(const std::string& path) { return failure{path + ": no such file"}; }

mishap include(settings& to, const std::string& file, const reading& r, const surroundings& with) {
  const std::string& node = r.made.node.empty() ? with.host : r.made.node;
  auto loaded = load_config(file, node, with.read ? with.read : no_files, to);
  if (!loaded) return "-O: " + loaded.error().text();
  to = std::move(*loaded);
  return {};
}

mishap say(reading& r, const std::string& option_name, const std::string& line, const surroundings& with) {
  const auto s = parse(line, source::file);
  if (!s) return option_name + ": expected " + s.error().expected;
  if (const auto* request = std::get_if<say::common_request>(&s->what)) {
    return include(r.made.base, std::get<say::include>(*request).file, r, with);
  }
  const auto done = apply(r.made.base, *s);
  return done ? mishap() : option_name + ": " + done.error().why;
}

// To Pen a slash makes a word the path of a socket, wherever it stands.
std::string as_path(const std::string& word) {
  return word.find('/') == word.npos || is_path(word) ? word : "./" + word;
}

mishap say_all(reading& r, const surroundings& with) {
  settings& base = r.made.base;
  std::string port;  // where a server listens of which nothing else is said
  for (std::size_t i = 0; i < r.positional.size(); ++i) {
    const std::string word = as_path(r.positional[i]);
    if (i == 0) {
      const auto where = listen_word::read(word);
      if (!where) return word + ": expected " + listen_word::expects();
      if (auto wrong = say(r, word, "listen " + word, with)) return wrong;
      port = where->port;
      continue;
    }
    auto server = read_server_argument(std::to_string(i - 1), word);
    if (!server) return word + ": expected " + server.error();
    const bool without = !server->port && server->address->path.empty() && server->address->port.empty();
    if (without && !port.empty()) server->port = port;
    const auto done = apply(base, {"", "", say::change(*server)});
    if (!done) return word + ": " + done.error().why;
  }
  for (const auto& [name, line] : r.said) {
    if (auto wrong = say(r, name, line, with)) return wrong;
  }
  if (r.debug > 0) base.debug = std::min(r.debug, 10U);
  return {};
}

// What no option alone can have wrong.
mishap look_at_all(const pen_options& made) {
  if (made.config_file.empty() && made.check_file.empty() && !listens(made.base)) {
    return "expected a port to listen on and servers, or -F FILE (see --help)";
  }
  if (!made.chroot.empty() && !made.state_dir.empty()) {
    return "-j: expected no --state-dir, for the clients read outside of the directory would be written inside";
  }
  return {};
}

}  // namespace

bool listens(const settings& s) {
  return std::any_of(s.services.begin(), s.services.end(), [](const auto& of) { return !of.second.listeners.empty(); });
}

void reading::note(std::string text) {
  auto& all = made.notices;
  if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(std::move(text));
}

result<pen_options, std::string> parse_pen_options(const std::vector<std::string>& arguments,
                                                   const surroundings& with) {
  reading r;
  r.made.pen = with.called_pen;
  r.made.help = with.called_pen && arguments.empty();
  const auto table = pen_option_table();
  std::vector<option_row> rows;
  std::transform(table.begin(), table.end(), std::back_inserter(rows), [](const option& o) { return o.row; });
  const option_taker taker{.option = [&](auto row, const auto& argument) { return carry_out(r, table[row], argument); },
                           .other =
                               [&](const std::string& word) {
                                 r.positional.push_back(word);
                                 return mishap();
                               }};
  if (auto wrong = take_options(arguments, rows, taker)) return failure{*wrong};
  if (r.made.help || r.made.version) return std::move(r.made);
  if (auto wrong = say_all(r, with)) return failure{*wrong};
  if (auto wrong = look_at_all(r.made)) return failure{*wrong};
  return std::move(r.made);
}

std::vector<option_row> pen_option_rows() {
  std::vector<option_row> rows;
  for (const option& o : pen_option_table()) {
    if (o.does != effect::refused) rows.push_back(o.row);
  }
  return rows;
}

std::string pen_options_help(std::string_view program) {
  return "usage: " + std::string(program) +
         " [OPTION...] [[HOST:]PORT|PATH [HOST[:PORT[:MAX[:HARD[:WEIGHT[:PRIO]]]]]]...]\n\n" +
         options_text(pen_option_rows());
}

}  // namespace holdfast
