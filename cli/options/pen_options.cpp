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

mishap say(settings& to, const std::string& option_name, const std::string& line) {
  const auto s = parse(line, source::file);
  if (!s) return option_name + ": expected " + s.error().expected;
  if (std::holds_alternative<say::common_request>(s->what))
    return option_name + ": `" + line + "` belongs into a file (-F)";
  const auto done = apply(to, *s);
  return done ? mishap() : option_name + ": " + done.error().why;
}

mishap say_all(reading& r) {
  settings& base = r.made.base;
  for (std::size_t i = 0; i < r.positional.size(); ++i) {
    const std::string& word = r.positional[i];
    if (i == 0) {
      const auto where = listen_word::read(word);
      if (!where) return word + ": expected " + listen_word::expects();
      if (auto wrong = say(base, word, "listen " + word)) return wrong;
      continue;
    }
    const auto server = read_server_argument(std::to_string(i - 1), word);
    if (!server) return word + ": expected " + server.error();
    const auto done = apply(base, {"", "", say::change(*server)});
    if (!done) return word + ": " + done.error().why;
  }
  for (const auto& [name, line] : r.said) {
    if (auto wrong = say(base, name, line)) return wrong;
  }
  if (r.debug > 0) base.debug = std::min(r.debug, 10U);
  return {};
}

}  // namespace

void reading::note(std::string text) {
  auto& all = made.notices;
  if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(std::move(text));
}

result<pen_options, std::string> parse_pen_options(const std::vector<std::string>& arguments) {
  reading r;
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
  if (auto wrong = say_all(r)) return failure{*wrong};
  if (r.positional.empty() && r.made.config_file.empty() && r.made.check_file.empty()) {
    return failure{"expected a port to listen on and servers, or -F FILE (see --help)"};
  }
  return std::move(r.made);
}

std::vector<option_row> pen_option_rows() {
  std::vector<option_row> rows;
  for (const option& o : pen_option_table()) {
    if (o.does != effect::refused) rows.push_back(o.row);
  }
  return rows;
}

std::string pen_options_help() {
  return "usage: holdfast-balancer [OPTION...] [[HOST:]PORT|PATH [HOST[:PORT[:MAX[:HARD[:WEIGHT[:PRIO]]]]]]...]\n\n" +
         options_text(pen_option_rows());
}

}  // namespace holdfast
