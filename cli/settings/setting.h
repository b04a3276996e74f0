// One setting that is a single value, whatever its type and whoever has it: read and set by a key. In which words it is
// said, and within which limits, stands in its row (cli/language/rows_*.cpp).
#pragma once

#include <type_traits>

#include "cli/settings/settings.h"

namespace holdfast {

// None: not set. Numbers and enumerations are std::uint64_t.
using setting_value = std::variant<std::monostate, bool, std::uint64_t, duration, std::string, place, address>;

inline bool is_none(const setting_value& value) { return std::holds_alternative<std::monostate>(value); }

template <class T>
inline constexpr bool is_number = std::is_enum_v<T> || (std::is_integral_v<T> && !std::is_same_v<T, bool>);

template <class T>
setting_value to_value(const T& typed) {
  if constexpr (is_number<T>) {
    return static_cast<std::uint64_t>(typed);
  } else {
    return setting_value(std::in_place_type<T>, typed);
  }
}
inline setting_value to_value(const std::string& typed) {
  return typed.empty() ? setting_value() : setting_value(typed);  // "" = none, wherever a setting is a text
}
template <class T>
setting_value to_value(const std::optional<T>& typed) {
  return typed ? to_value(*typed) : setting_value();
}

// What to_value() has made of a T; value: not none.
template <class T>
T value_as(const setting_value& value) {
  if constexpr (is_number<T>) {
    return static_cast<T>(std::get<std::uint64_t>(value));
  } else {
    return std::get<T>(value);
  }
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

template <class Owner>
struct held_by {
  setting_value (*get)(const Owner& from);
  void (*put)(Owner& to, const setting_value& value);  // none: as if it had no default, so off, or not set
  const void* (*where)(const Owner& in);               // of two settings the one declared first is at the lower address
};

// `settings` holds what is the daemons' as a whole; then there are services and groups of virtual routers.
struct setting {
  std::variant<held_by<settings>, held_by<service_settings>, held_by<vrrp_settings>> held;
};
using setting_key = const setting*;

template <auto Member>
constexpr setting described() {
  using m = member_of<Member>;
  return {held_by<typename m::owner>{[](const typename m::owner& from) { return to_value(from.*Member); },
                                     [](typename m::owner& to, const setting_value& value) {
                                       to.*Member = is_none(value)
                                                        ? typename m::type()
                                                        : typename m::type(value_as<typename m::value>(value));
                                     },
                                     [](const typename m::owner& in) -> const void* { return &(in.*Member); }}};
}
template <auto Member>
inline constexpr setting setting_of = described<Member>();

// key_of<&service_settings::timeout>
template <auto Member>
inline constexpr setting_key key_of = &setting_of<Member>;

}  // namespace holdfast
