#include "cli/reply/layout.h"

#include <boost/json/serialize.hpp>

#include <algorithm>

#include "cli/reply/human.h"

namespace holdfast {

namespace {

constexpr std::string_view plain;
constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::string_view end_of_style = "\x1b[0m";
constexpr std::size_t gap = 2;

std::string number_text(double number, unit is) {
  switch (is) {
    case unit::bytes: return human_bytes(number);
    case unit::seconds: return human_duration(number);
    case unit::per_second: return human_number(number) + "/s";
    case unit::bytes_per_second: return human_bytes(number) + "/s";
    case unit::text:
    case unit::count:
    case unit::state: break;
  }
  return human_number(number);
}

std::string cell_text(const boost::json::value& value, unit is) {
  if (const auto* text = value.if_string()) return text->empty() ? "-" : printable(*text);
  if (value.is_null()) return "-";
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  // Whole numbers without a unit keep all their digits; a double would lose those of large ones.
  const bool whole = value.is_int64() || value.is_uint64();
  if (whole && (is == unit::count || is == unit::text || is == unit::state)) return boost::json::serialize(value);
  if (value.is_number()) return number_text(value.to_number<double>(), is);
  return printable(boost::json::serialize(value));
}

std::string_view state_style(std::string_view state) {
  if (state == "up") return green;
  if (state == "down") return red;
  if (state == "drain" || state == "blacklisted") return yellow;
  return plain;
}

std::string heading_of(const column& c) {
  std::string out = printable(c.name);
  std::replace(out.begin(), out.end(), '_', ' ');
  std::transform(out.begin(), out.end(), out.begin(), [](char x) { return x >= 'a' && x <= 'z' ? char(x - 32) : x; });
  return out;
}

bool to_the_right(const column& c) { return c.is != unit::text && c.is != unit::state; }

// Builds one line, counting the columns used, so that styles cost none.
class line {
 public:
  explicit line(const page& on) : on_(on) {}

  void blanks(std::size_t count) { waiting_ += count; }

  void text(std::string_view what, std::string_view style) {
    if (what.empty() || used_ + waiting_ >= on_.width) return;
    out_.append(waiting_, ' ');
    used_ += waiting_;
    waiting_ = 0;
    what = first_columns(what, on_.width - used_);
    used_ += columns_of(what);
    const bool styled = on_.colour && !style.empty();
    if (styled) out_ += style;
    out_ += what;
    if (styled) out_ += end_of_style;
  }

  std::string take() { return std::move(out_); }

 private:
  const page& on_;
  std::string out_;
  std::size_t used_ = 0;
  std::size_t waiting_ = 0;  // blanks before the next text: a line never ends in blanks
};

struct cell {
  std::string text;
  std::string_view style;
};

}  // namespace

std::vector<std::string> lay_out(const reply_table& table, const page& on) {
  std::vector<std::vector<cell>> grid(1);
  for (const column& c : table.columns) grid[0].push_back({heading_of(c), bold});
  for (const auto& row : table.rows) {
    auto& cells = grid.emplace_back();
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      std::string text = i < row.size() ? cell_text(row[i], table.columns[i].is) : "-";
      const auto style = table.columns[i].is == unit::state ? state_style(text) : plain;
      cells.push_back({std::move(text), style});
    }
  }
  std::vector<std::size_t> widths(table.columns.size());
  for (const auto& row : grid) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i].text));
  }
  std::vector<std::string> out;
  for (const auto& row : grid) {
    line l(on);
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::size_t padding = widths[i] - columns_of(row[i].text);
      const bool right = to_the_right(table.columns[i]);
      if (right) l.blanks(padding);
      l.text(row[i].text, row[i].style);
      l.blanks(gap + (right ? 0 : padding));
    }
    out.push_back(l.take());
  }
  return out;
}

std::vector<std::string> lay_upright(const reply_table& table, const page& on) {
  std::size_t widest = 0;
  for (const column& c : table.columns) widest = std::max(widest, columns_of(heading_of(c)));
  std::vector<std::string> out;
  for (std::size_t i = 0; i < table.columns.size() && !table.rows.empty(); ++i) {
    const column& c = table.columns[i];
    std::string name = printable(c.name);
    std::replace(name.begin(), name.end(), '_', ' ');
    const auto text = i < table.rows[0].size() ? cell_text(table.rows[0][i], c.is) : "-";
    line l(on);
    l.text(name, plain);
    l.blanks(widest - columns_of(name) + gap);
    l.text(text, c.is == unit::state ? state_style(text) : plain);
    out.push_back(l.take());
  }
  return out;
}

}  // namespace holdfast
