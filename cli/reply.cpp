#include "cli/reply.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "cli/terminal/human.h"
#include "cli/terminal/layout.h"

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

boost::json::value clean(const boost::json::value& cell) {
  if (const auto* text = cell.if_string()) return boost::json::value(printable(*text, true));
  return cell;
}

}  // namespace

std::string render_pen(const reply& r) {
  if (!r.pen.empty()) return r.pen;
  if (r.is != verdict::done) return "error: " + printable(r.message) + '\n';
  bool rows = false;
  for (const reply_table& table : r.tables) rows |= !table.rows.empty();
  return rows ? tables_text(r, {}) : "";
}

std::string render_text(const reply& r, bool colour) {
  if (r.is != verdict::done) return (colour ? "\x1b[31merror:\x1b[0m " : "error: ") + printable(r.message) + '\n';
  std::string out;
  if (!r.message.empty()) out += printable(r.message) + '\n';
  if (r.tables.empty()) return r.message.empty() ? printable_lines(r.pen) : out;
  if (!out.empty()) out += '\n';
  return out + tables_text(r, {.colour = colour});
}

std::string render_objects(const reply& r) {
  boost::json::object out;
  out["verdict"] = name_of(r.is);
  if (!r.message.empty()) out["message"] = printable(r.message, true);
  if (r.is == verdict::done && r.tables.empty() && !r.pen.empty()) {
    std::string answer = printable(r.pen, true);
    if (answer.back() == '\n') answer.pop_back();
    out["answer"] = answer;
  }
  for (const reply_table& table : r.tables) {
    boost::json::array rows;
    for (const auto& row : table.rows) {
      boost::json::object object;
      for (std::size_t i = 0; i < table.columns.size() && i < row.size(); ++i) {
        object[printable(table.columns[i].name, true)] = clean(row[i]);
      }
      rows.push_back(std::move(object));
    }
    out[printable(table.name, true)] = std::move(rows);
  }
  return boost::json::serialize(out) + '\n';
}

}  // namespace holdfast
