// The wire form: {"verdict":0,"message":"","pen":"","tables":[{"name":"","columns":[["name",UNIT]...],"rows":[[...]]}]}
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cmath>

#include "cli/reply/human.h"
#include "cli/reply/reply.h"

namespace holdfast {

namespace {

namespace json = boost::json;

constexpr std::size_t most_tables = 64;
constexpr std::size_t most_columns = 64;
constexpr std::size_t deepest = 6;  // document, tables, table, rows, row and one to spare

json::string utf8(std::string_view text) { return json::string(printable(text, true)); }

json::object wire_table(const reply_table& table) {
  json::array columns;
  for (const column& c : table.columns) columns.push_back(json::array{utf8(c.name), static_cast<int>(c.is)});
  json::array rows;
  for (const auto& row : table.rows) {
    json::array cells;
    for (const json::value& cell : row) {
      const auto* text = cell.if_string();
      cells.push_back(text != nullptr ? json::value(utf8(*text)) : cell);
    }
    rows.push_back(std::move(cells));
  }
  return {{"name", utf8(table.name)}, {"columns", std::move(columns)}, {"rows", std::move(rows)}};
}

bool read_text(const json::object& from, std::string_view key, std::string& to) {
  const auto* found = from.if_contains(key);
  const auto* text = found != nullptr ? found->if_string() : nullptr;
  if (text == nullptr) return false;
  to.assign(text->data(), text->size());
  return true;
}

const json::array* find_array(const json::object& from, std::string_view key) {
  const auto* found = from.if_contains(key);
  return found != nullptr ? found->if_array() : nullptr;
}

bool read_column(const json::value& from, column& to) {
  const auto* pair = from.if_array();
  if (pair == nullptr || pair->size() != 2) return false;
  const auto* name = (*pair)[0].if_string();
  const auto* is = (*pair)[1].if_int64();
  if (name == nullptr || is == nullptr || *is < 0 || *is > static_cast<int>(unit::state)) return false;
  to = {.name{name->data(), name->size()}, .is = static_cast<unit>(*is)};
  return true;
}

bool read_row(const json::value& from, std::size_t columns, std::vector<json::value>& to) {
  const auto* cells = from.if_array();
  if (cells == nullptr || cells->size() != columns) return false;
  for (const json::value& cell : *cells) {
    if (cell.is_structured()) return false;
    if (cell.is_double() && !std::isfinite(cell.get_double())) return false;  // read from too large an exponent
    to.push_back(cell);
  }
  return true;
}

bool read_table(const json::value& from, reply_table& to) {
  const auto* object = from.if_object();
  if (object == nullptr || object->size() != 3 || !read_text(*object, "name", to.name)) return false;
  const auto* columns = find_array(*object, "columns");
  const auto* rows = find_array(*object, "rows");
  if (columns == nullptr || rows == nullptr || columns->empty() || columns->size() > most_columns) return false;
  for (const json::value& c : *columns) {
    if (!read_column(c, to.columns.emplace_back())) return false;
  }
  to.rows.reserve(rows->size());
  for (const json::value& row : *rows) {
    if (!read_row(row, columns->size(), to.rows.emplace_back())) return false;
  }
  return true;
}

}  // namespace

std::string render_wire(const reply& r) {
  json::array tables;
  for (const reply_table& table : r.tables) tables.push_back(wire_table(table));
  const json::object out{{"verdict", static_cast<int>(r.is)},
                         {"message", utf8(r.message)},
                         {"pen", utf8(r.tables.empty() ? r.pen : "")},
                         {"tables", std::move(tables)}};
  return json::serialize(out) + '\n';
}

std::optional<reply> parse_wire(std::string_view text) {
  json::parse_options options;
  options.max_depth = deepest;
  json::error_code broken;
  const json::value document = json::parse(text, broken, {}, options);
  const auto* object = broken ? nullptr : document.if_object();
  if (object == nullptr || object->size() != 4) return std::nullopt;

  reply out;
  const auto* is = object->if_contains("verdict");
  const auto* number = is != nullptr ? is->if_int64() : nullptr;
  if (number == nullptr || *number < 0 || *number > static_cast<int>(verdict::misunderstood)) {
    return std::nullopt;
  }
  out.is = static_cast<verdict>(*number);
  const auto* tables = find_array(*object, "tables");
  const bool whole = read_text(*object, "message", out.message) && read_text(*object, "pen", out.pen) &&
                     tables != nullptr && tables->size() <= most_tables;
  if (!whole) return std::nullopt;
  for (const json::value& table : *tables) {
    if (!read_table(table, out.tables.emplace_back())) return std::nullopt;
  }
  return out;
}

}  // namespace holdfast
