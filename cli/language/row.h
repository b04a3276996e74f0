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

template <class T>
struct unwrapped {
  using type = T;
};
template <class T>
struct unwrapped<std::optional<T>> {
  using type = T;
};

template <auto Member>
struct member_of;
template <class C, class T, T C::* Member>
struct member_of<Member> {
  using owner = C;
  using type = T;
  using value = typename unwrapped<T>::type;
};

// The hole whose words are of type Word and fill Member of a command's struct.
template <auto Member, class Word>
hole fill() {
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
inline constexpr row_traits orders{.where = said::control};
inline constexpr row_traits orders_daemon{.where = said::control, .of = about::daemon};
inline constexpr row_traits of_both{.of = about::daemon, .owns = owner::both};
inline constexpr row_traits orders_both{.where = said::control, .of = about::daemon, .owns = owner::both};
inline constexpr row_traits of_group{.of = about::daemon, .owns = owner::vrrp};
inline constexpr row_traits asks_agent{
    .where = said::control, .needs = access::read, .of = about::daemon, .owns = owner::vrrp};
inline constexpr row_traits orders_agent{.where = said::control, .of = about::daemon, .owns = owner::vrrp};
inline constexpr row_traits runs_errand{.where = said::control, .of = about::daemon, .owns = owner::hfctl};
inline constexpr row_traits runs_errand_for_service{.where = said::control, .owns = owner::hfctl};

// A row for the struct C. Wrong patterns (holes that do not match, optional parts before fixed ones) abort at start-up.
row make_row(std::string_view pattern, std::string_view sentence, row_traits traits, std::vector<hole> holes,
             command (*make)());

template <class C>
row says(std::string_view pattern, std::string_view sentence, row_traits traits, std::vector<hole> holes = {}) {
  return make_row(pattern, sentence, traits, std::move(holes), [] { return command{kind_of<C>{C{}}}; });
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

template <auto Member>
inline constexpr bool is_of_group = std::is_same_v<say::owner_of_member<Member>, vrrp_settings>;
template <auto Member>
inline constexpr owner owner_of = is_of_group<Member> ? owner::vrrp : owner::balancer;
template <>
inline constexpr owner owner_of<&settings::cluster_key> = owner::both;

template <auto Member>
constexpr row_traits traits_of(said where, access needs = access::write) {
  const bool of_service = std::is_same_v<say::owner_of_member<Member>, service_settings>;
  return {where, needs, of_service ? about::service : about::daemon, owner_of<Member>};
}

// C is about one setting, and a group's is said as `vrrp <group> NAME`. before: "no " or nothing.
template <class C>
row says_of(std::string_view before, std::string_view name, std::string_view sentence, row_traits traits,
            std::vector<hole> holes = {}) {
  std::string pattern(before);
  if constexpr (requires(C c) { c.of.name; }) {
    pattern += "vrrp <group> ";
    holes.insert(holes.begin(), fill<&C::of, group_word>());
  }
  return says<C>(pattern + std::string(name), sentence, traits, std::move(holes));
}

// The rows of one setting. name: the word; hole_name: what stands between < and >.
inline constexpr char on_word[] = "on";
inline constexpr char off_word[] = "off";

template <auto Member>
rows flag(std::string_view name, std::string_view sentence, said where = said::both) {
  const row_traits change = traits_of<Member>(where);
  return {says_of<say::turn_on<Member>>("", std::string(name) + " [on|off]", sentence, change,
                                        {fill<&say::turn_on<Member>::on, either_word<on_word, off_word>>()}),
          says_of<say::unset<Member>>("no ", name, "", change)};
}

template <auto Member, class Word>
row setting(std::string_view name, std::string_view hole_name, std::string_view sentence, said where = said::both) {
  return says_of<say::set_to<Member>>("", std::string(name) + ' ' + std::string(hole_name), sentence,
                                      traits_of<Member>(where), {fill<&say::set_to<Member>::value, Word>()});
}

template <auto Member, class Word>
rows value(std::string_view name, std::string_view hole_name, std::string_view sentence, said where = said::both) {
  return {setting<Member, Word>(name, hole_name, sentence, where),
          says_of<say::show<Member>>("", name, "", traits_of<Member>(said::control, access::read))};
}

template <auto Member, class Word>
rows optional(std::string_view name, std::string_view hole_name, std::string_view sentence) {
  rows all = value<Member, Word>(name, hole_name, sentence);
  all.push_back(says_of<say::unset<Member>>("no ", name, "", traits_of<Member>(said::both)));
  return all;
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
