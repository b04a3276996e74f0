// Chance for those who decide: a state from outside (random, or a test's seed), and what comes of it.
#pragma once

#include <cstdint>

#include "base/machine.h"

namespace holdfast {

// Each bit of x changes half of all; the same on every machine.
constexpr std::uint64_t mixed_bits(std::uint64_t x) {  // the finaliser of splitmix64
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

constexpr std::uint64_t next_random(std::uint64_t& state) {
  return mixed_bits(state += 0x9e3779b97f4a7c15);
}  // splitmix64

// Between half of `longest` and all of it: so that two don't try again in step.
constexpr duration jittered(duration longest, std::uint64_t& random) {
  const duration half = longest / 2;
  return half +
         duration(static_cast<duration::rep>(next_random(random) % static_cast<std::uint64_t>(half.count() + 1)));
}

}  // namespace holdfast
