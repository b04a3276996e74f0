// What a command answers: a verdict and tables of values, rendered as Pen's text, as text for people, or as JSON.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast {

enum class verdict : std::uint8_t { done = 0, refused = 1, misunderstood = 2 };  // = hfctl's exit status; 3 = no daemon

enum class unit : std::uint8_t { text, count, bytes, seconds, per_second, bytes_per_second, state };

struct column {
  std::string name;  // lower case, words joined by '_': the JSON key
  unit is = unit::text;
};

struct reply_table {
  std::string name;  // the JSON key: "servers"
  std::vector<column> columns;
  // Each row is as long as columns; a cell is a scalar, null = not known.
  std::vector<std::vector<boost::json::value>> rows = {};
};

struct reply {
  verdict is = verdict::done;
  std::string message = {};  // a sentence, or a line for each; for errors what was expected
  std::vector<reply_table> tables = {};
  std::string pen = {};  // what Pen would answer, lines ended by '\n'; an error of which Pen knows nothing has none
};

inline reply refused(std::string why) { return {.is = verdict::refused, .message = std::move(why)}; }
inline reply misunderstood(std::string why) { return {.is = verdict::misunderstood, .message = std::move(why)}; }

// On the socket a line is `[json] COMMAND`; `json` asks for the wire form, which hfctl turns into text or objects. All
// of them put '?' for bytes that are not UTF-8; those a terminal reads put '?' for control characters, too.
std::string render_pen(
    const reply& r);  // r.pen, else the tables as text; an error without r.pen is the line "error: MESSAGE"
std::string render_wire(const reply& r);  // one JSON document and a newline; r.pen only if there is no table

// What render_wire wrote. None for anything else: other members or types, rows of another length than their
// columns, more than 64 tables or columns.
std::optional<reply> parse_wire(std::string_view text);

// For a person: aligned columns, units; a first table of one row stands upright (name, value) when others follow.
std::string render_text(const reply& r, bool colour);

// For a program; numbers as people write them, `yes` and `no` of a state as true and false, and columns of seconds with
// `_seconds` behind their name. {"verdict":"done","message":"...","servers":[{"name":...},...]}; "answer" holds r.pen
// if there is no table. "message" is absent when empty.
std::string render_objects(const reply& r);

}  // namespace holdfast
