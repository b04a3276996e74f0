// The one table of the language. A row is a command: its words with <arguments>, where it may be said, who may say it,
// what it means, and the members its arguments fill. Parser, printer, help, completion and manuals read it; nothing
// else knows words.
#pragma once

#include <array>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "cli/language/command.h"
#include "cli/language/grammar.h"
#include "cli/language/words.h"

namespace holdfast {

// A place in a command that the operator fills; one member of the command's struct.
struct argument {
  word_kind takes = word_kind::word;
  std::string (*expects)() = nullptr;
  bool (*read)(std::string_view word, command& into) = nullptr;        // false: not such a word
  std::optional<std::string> (*print)(const command& from) = nullptr;  // none: this optional part is not said
};

enum class said : std::uint8_t { file, control, both };
enum class about : std::uint8_t { service, daemon };

// How a setting is said: `X [on|off]`; `X VALUE`; the same, or `no X`.
enum class setting_form : std::uint8_t { flag, value, optional };

// What a row is found by: a number for each alternative of `command`, whatever its kind; and which setting, if it is
// about one.
struct command_id {
  std::size_t alternative = 0;
  setting_key of = nullptr;
  auto operator<=>(const command_id&) const = default;
};
command_id id_of(const command& c);

// One word of a pattern: a literal ("every"), a choice ("permit|deny", which fills an argument) or an argument
// ("<acl>").
struct element {
  std::string shown;                  // as in the pattern, without brackets
  std::vector<std::string> literals;  // one for a literal, several for a choice, none for an argument
  std::optional<std::size_t> fills;   // index in row::arguments; none for a literal
};

struct row {
  std::string pattern;        // "server <server> [acl <acl>] [drain|enable]": [optional parts] come last, in any order
  std::string_view sentence;  // what it means; "" = explained by the row before it
  said where = said::both;
  access needs = access::write;
  about of = about::service;
  owner owns = owner::balancer;
  std::vector<argument> arguments;   // in the pattern's order
  command unfilled;                  // with nothing filled
  command_id says;                   // id_of() it
  std::optional<setting_form> form;  // of a setting that `write` writes by itself

  // The pattern taken apart.
  std::vector<element> fixed;
  std::vector<std::vector<element>> optional;
};

struct topic {
  std::string_view title;
  std::vector<row> rows;
};

// All rows; the order is that of the manual. Made once, then immutable.
const std::vector<topic>& table();

// The row that prints this command; every alternative of `command` has exactly one, or one for each setting.
const row& row_of(const command& c);

inline constexpr auto sizes_of_kinds = []<class... Kinds>(std::type_identity<std::variant<Kinds...>>) {
  return std::array{std::variant_size_v<typename Kinds::alternatives>...};
}(std::type_identity<commands::type>());
inline constexpr std::size_t alternatives =
    std::accumulate(sizes_of_kinds.begin(), sizes_of_kinds.end(), std::size_t{0});

// The topics, each in a file of its own (rows_*.cpp).
topic rows_of_services();
topic rows_of_servers();
topic rows_of_choosing();
topic rows_of_checks();
topic rows_of_acls();
topic rows_of_connections();
topic rows_of_cluster();
topic rows_of_vrrp();
topic rows_of_logs();
topic rows_of_daemon();
topic rows_of_figures();
topic rows_of_compatibility();

}  // namespace holdfast
