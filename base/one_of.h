// A std::variant whose copies and comparisons are compiled once, not in each file that makes one.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

namespace holdfast {

template <class T, class Variant>
inline constexpr bool is_among = false;
template <class T, class... All>
inline constexpr bool is_among<T, std::variant<All...>> = (std::is_same_v<T, All> || ...);

// A std::variant of the types of List, which is a name for them. Whoever names one says `extern template struct
// one_of<List>;` beside it, and `template struct one_of<List>;` in one file.
template <class List>
struct one_of : List::type {
  using alternatives = typename List::type;

  template <class T>
    requires is_among<T, alternatives>
  one_of(T what) : alternatives(std::in_place_type<T>, std::move(what)) {}  // NOLINT(google-explicit-constructor)
  one_of();
  one_of(const one_of&);
  one_of(one_of&&) noexcept;
  one_of& operator=(one_of) noexcept;
  ~one_of();
  bool operator==(const one_of&) const;
};

template <class List>
one_of<List>::one_of() = default;
template <class List>
one_of<List>::one_of(const one_of&) = default;
template <class List>
one_of<List>::one_of(one_of&&) noexcept = default;
template <class List>
one_of<List>& one_of<List>::operator=(one_of other) noexcept {
  std::destroy_at(this);  // and made anew: a fifth less to compile than what std::variant does
  return *std::construct_at(this, std::move(other));
}
template <class List>
one_of<List>::~one_of() = default;
template <class List>
bool one_of<List>::operator==(const one_of& other) const {
  const alternatives &mine = *this, &others = other;
  return mine == others;
}

}  // namespace holdfast
