// Making rows of the table from structs and members. Included by the rows_*.cpp alone.
#pragma once

#include <type_traits>
#include <utility>

#include "cli/language/table.h"

namespace holdfast {

// The kind among those of `command` that has C.
template <class C, class Command>
struct kind_with;
template <class C, class Kind, class... Others>
struct kind_with<C, std::variant<Kind, Others...>>
    : std::conditional_t<is_among<C, typename Kind::alternatives>, std::type_identity<Kind>,
                         kind_with<C, std::variant<Others...>>> {};
template <class C>
using kind_of = typename kind_with<C, commands::type>::type;

template <class C>
C& as(command& c) {
  return std::get<C>(std::get<kind_of<C>>(c));
}
template <class C>
const C& as(const command& c) {
  return std::get<C>(std::get<kind_of<C>>(c));
}

// The argument whose words are of type Word and fill Member of a command's struct.
template <auto Member, class Word>
argument fill() {
  using m = member_of<Member>;
  static_assert(word_of<Word, typename m::value>);
  return {Word::is, [] { return std::string(Word::expects()); },
          [](std::string_view text, command& into) {
            auto value = Word::read(text);
            if (value) as<typename m::owner>(into).*Member = std::move(*value);
            return value.has_value();
          },
          [](const command& from) -> std::optional<std::string> {
            const auto& member = as<typename m::owner>(from).*Member;
            if constexpr (std::is_same_v<typename m::type, typename m::value>) {
              return Word::print(member);
            } else {
              return member ? std::optional<std::string>(Word::print(*member)) : std::nullopt;
            }
          }};
}

// The argument whose words are of type Word and say the value of a setting.
template <class Word>
argument fill_value() {
  using typed = typename decltype(Word::read(std::string_view()))::value_type;
  return {Word::is, [] { return std::string(Word::expects()); },
          [](std::string_view text, command& into) {
            const auto value = Word::read(text);
            if (value) as<say::set>(into).value = to_value(*value);
            return value.has_value();
          },
          [](const command& from) {
            const setting_value& value = as<say::set>(from).value;
            return is_none(value) ? std::nullopt : std::optional<std::string>(Word::print(value_as<typed>(value)));
          }};
}

// The words of a choice that stand for themselves; the pattern says which there are.
struct chosen_word {
  static constexpr word_kind is = word_kind::choice;
  static std::string expects() { return "one of these words"; }
  static std::optional<std::string> read(std::string_view text) { return std::string(text); }
  static std::string print(const std::string& value) { return value; }
};

// Everything to the end of the line.
struct rest_word {
  static constexpr word_kind is = word_kind::rest;
  static std::string expects() { return "anything"; }
  static std::optional<std::string> read(std::string_view text) { return std::string(text); }
  static std::string print(const std::string& value) { return value; }
};

struct row_traits {
  said where = said::both;
  access needs = access::write;
  about of = about::service;
  owner owns = owner::balancer;
};
inline constexpr row_traits of_daemon{.of = about::daemon};
inline constexpr row_traits in_files{.where = said::file, .of = about::daemon};
inline constexpr row_traits asks{.where = said::control, .needs = access::read};
inline constexpr row_traits asks_daemon{.where = said::control, .needs = access::read, .of = about::daemon};
inline constexpr row_traits asks_either{
    .where = said::control, .needs = access::read, .of = about::daemon, .owns = owner::both};
inline constexpr row_traits orders{.where = said::control};
inline constexpr row_traits orders_daemon{.where = said::control, .of = about::daemon};
inline constexpr row_traits of_both{.of = about::daemon, .owns = owner::both};
inline constexpr row_traits orders_both{.where = said::control, .of = about::daemon, .owns = owner::both};
inline constexpr row_traits of_group{.of = about::daemon, .owns = owner::vrrp};
inline constexpr row_traits asks_agent{
    .where = said::control, .needs = access::read, .of = about::daemon, .owns = owner::vrrp};
inline constexpr row_traits orders_agent{.where = said::control, .of = about::daemon, .owns = owner::vrrp};
inline constexpr row_traits runs_procedure{.where = said::control, .of = about::daemon, .owns = owner::hfctl};
inline constexpr row_traits runs_procedure_for_service{.where = said::control, .owns = owner::hfctl};

// A row for the struct C. Wrong patterns (arguments that do not match, optional parts before fixed ones) abort at
// start-up.
row make_row(std::string_view pattern, std::string_view sentence, row_traits traits, std::vector<argument> arguments,
             command unfilled);

template <class C>
row says(std::string_view pattern, std::string_view sentence, row_traits traits, std::vector<argument> arguments = {}) {
  return make_row(pattern, sentence, traits, std::move(arguments), kind_of<C>{C{}});
}

using rows = std::vector<row>;

// The name of a group, wherever a command has one.
struct group_word {
  static constexpr word_kind is = word_kind::group;
  static std::string expects() { return "the name of a group of virtual routers"; }
  static std::optional<say::group> read(std::string_view text) {
    return is_group(text) ? std::optional(say::group{std::string(text)}) : std::nullopt;
  }
  static std::string print(const say::group& value) { return value.name; }
};

// ---- the rows of a setting; a group's begin with `vrrp <group>`

// words: `timeout <time>`, or several to choose from. form: as `write` writes it; none: it is written apart.
row set_row(setting_key key, std::string_view words, std::string_view sentence, said where,
            std::optional<setting_form> form, argument value);
row show_row(setting_key key, std::string_view name);
row unset_row(setting_key key, std::string_view name, said where = said::both);

inline constexpr char on_word[] = "on";
inline constexpr char off_word[] = "off";

template <auto Member>
rows flag(std::string_view name, std::string_view sentence, said where = said::both) {
  static_assert(std::is_same_v<typename member_of<Member>::type, bool>);
  return {set_row(key_of<Member>, std::string(name) + " [on|off]", sentence, where, setting_form::flag,
                  fill_value<either_word<on_word, off_word>>()),
          unset_row(key_of<Member>, name, where)};
}

// argument_name: what stands between < and >, or several words to choose from.
template <auto Member, class Word>
row set_alone(std::string_view name, std::string_view argument_name, std::string_view sentence, said where = said::both,
              std::optional<setting_form> form = {}) {
  static_assert(word_of<Word, typename member_of<Member>::value>);
  return set_row(key_of<Member>, std::string(name) + ' ' + std::string(argument_name), sentence, where, form,
                 fill_value<Word>());
}

template <auto Member, class Word>
rows value(std::string_view name, std::string_view argument_name, std::string_view sentence, said where = said::both) {
  return {set_alone<Member, Word>(name, argument_name, sentence, where, setting_form::value),
          show_row(key_of<Member>, name)};
}

template <auto Member, class Word>
rows optional(std::string_view name, std::string_view argument_name, std::string_view sentence) {
  return {set_alone<Member, Word>(name, argument_name, sentence, said::both, setting_form::optional),
          show_row(key_of<Member>, name), unset_row(key_of<Member>, name)};
}

// One list from single rows and lists of rows.
template <class... Parts>
rows joined(Parts... parts) {
  rows all;
  const auto add = [&](auto& part) {
    if constexpr (std::is_same_v<std::decay_t<decltype(part)>, row>) {
      all.push_back(std::move(part));
    } else {
      for (row& r : part) all.push_back(std::move(r));
    }
  };
  (add(parts), ...);
  return all;
}

}  // namespace holdfast
