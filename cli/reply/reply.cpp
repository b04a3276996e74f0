#include "cli/reply/reply.h"

#include <boost/json/serialize.hpp>

#include <array>
#include <charconv>

#include "cli/reply/human.h"
#include "cli/reply/layout.h"

namespace holdfast {

namespace {

const char* name_of(verdict v) {
  switch (v) {
    case verdict::done: return "done";
    case verdict::refused: return "refused";
    case verdict::misunderstood: return "misunderstood";
  }
  return "misunderstood";
}

std::string tables_text(const reply& r, const page& on) {
  std::string out;
  for (std::size_t i = 0; i < r.tables.size(); ++i) {
    const reply_table& table = r.tables[i];
    if (i > 0) out += '\n';
    if (table.rows.empty()) {
      out += "no " + printable(table.name) + '\n';
      continue;
    }
    if (r.tables.size() == 1 && table.columns.size() == 1 && table.rows.size() == 1) {
      const reply_table bare{.name = {}, .columns = {{"", table.columns[0].is}}, .rows = table.rows};
      out += lay_out(bare, {}).back() + '\n';
      continue;
    }
    const bool upright = i == 0 && r.tables.size() > 1 && table.rows.size() == 1;
    for (const std::string& line : upright ? lay_upright(table, on) : lay_out(table, on)) out += line + '\n';
  }
  return out;
}

// Pen's text keeps its line ends; everything else that could steer a terminal goes.
std::string printable_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    out += printable(text.substr(0, end)) + '\n';
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

// Pen's answers to mistakes are one line.
std::string in_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) c == '\n' ? line += "; " : line += c;
  return line;
}

std::string message_lines(std::string_view text) { return text.empty() ? "\n" : printable_lines(text); }

std::string quoted(std::string_view text) { return boost::json::serialize(boost::json::value(printable(text, true))); }

// As people write it: 3600 and 0.25, not 3.6E3 and 2.5E-1.
std::string number_text(double number) {
  std::array<char, 512> out{};
  const auto [end, failed] = std::to_chars(out.data(), out.data() + out.size(), number, std::chars_format::fixed);
  return failed == std::errc{} ? std::string(out.data(), end) : "null";
}

std::string json_text(const boost::json::value& cell, unit is) {
  if (const auto* text = cell.if_string()) {
    if (is == unit::state && (*text == "yes" || *text == "no")) return *text == "yes" ? "true" : "false";
    return quoted(*text);
  }
  return cell.is_double() ? number_text(cell.get_double()) : boost::json::serialize(cell);
}

std::string key_of(const column& c) {
  constexpr std::string_view ending = "_seconds";
  return quoted(c.is == unit::seconds && !c.name.ends_with(ending) ? std::string(c.name).append(ending) : c.name);
}

std::string rows_text(const reply_table& table) {
  std::string rows;
  for (const auto& row : table.rows) {
    std::string object;
    for (std::size_t i = 0; i < table.columns.size() && i < row.size(); ++i) {
      object += (object.empty() ? "" : ",") + key_of(table.columns[i]) + ':' + json_text(row[i], table.columns[i].is);
    }
    rows += (rows.empty() ? "{" : ",{") + object + '}';
  }
  return rows;
}

}  // namespace

std::string render_pen(const reply& r) {
  if (!r.pen.empty()) return r.pen;
  if (r.is != verdict::done) return "error: " + printable(in_one_line(r.message)) + '\n';
  bool rows = false;
  for (const reply_table& table : r.tables) rows |= !table.rows.empty();
  return rows ? tables_text(r, {}) : "";
}

std::string render_text(const reply& r, bool colour) {
  if (r.is != verdict::done) return (colour ? "\x1b[31merror:\x1b[0m " : "error: ") + message_lines(r.message);
  std::string out;
  if (!r.message.empty()) out += printable_lines(r.message);
  if (r.tables.empty()) return r.message.empty() ? printable_lines(r.pen) : out;
  if (!out.empty()) out += '\n';
  return out + tables_text(r, {.colour = colour});
}

std::string render_objects(const reply& r) {
  std::string out = std::string("{\"verdict\":\"") + name_of(r.is) + '"';
  if (!r.message.empty()) out += ",\"message\":" + quoted(r.message);
  if (r.is == verdict::done && r.tables.empty() && !r.pen.empty()) {
    out += ",\"answer\":" + quoted(std::string_view(r.pen).substr(0, r.pen.size() - (r.pen.back() == '\n' ? 1 : 0)));
  }
  for (const reply_table& table : r.tables) out += ',' + quoted(table.name) + ":[" + rows_text(table) + ']';
  return out + "}\n";
}

}  // namespace holdfast
