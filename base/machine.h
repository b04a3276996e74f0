// The one shape of everything that decides: facts go in, orders come out, and time is an argument.
#pragma once

#include <boost/container/static_vector.hpp>

#include <chrono>
#include <concepts>
#include <optional>

namespace holdfast {

using duration = std::chrono::nanoseconds;

// Monotonic time. Pure files receive it; only clock_io reads it.
using instant = std::chrono::time_point<std::chrono::steady_clock, duration>;

// Wall time, for logs and "last seen" answers only; never for a decision.
using wall_time = std::chrono::system_clock::time_point;

constexpr double seconds_of(duration d) { return std::chrono::duration<double>(d).count(); }

// The event that says: the time given by deadline() has come.
struct wake {};

// Bounded list of orders; more than N is a bug and aborts.
template <class Effect, std::size_t N>
using effect_list = boost::container::static_vector<Effect, N>;

template <class M>
concept machine = requires(M m, const M& c, const typename M::event& e, instant now) {
  { m.on(e, now) } -> std::same_as<typename M::effects>;
  { c.deadline() } -> std::same_as<std::optional<instant>>;
};

}  // namespace holdfast
