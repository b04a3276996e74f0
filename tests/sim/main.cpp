// sim|sim_vrrp [--seeds=N] [--troubles=N] [--seed=N]: random lives, until so many were in trouble. With --seed one
// life, told step by step. Status 1: something impossible has happened; the seed is printed.
#include <charconv>
#include <cstdio>
#include <string_view>

#include "tests/sim/random_story.h"

namespace {

bool read_number(std::string_view argument, std::string_view option, std::uint64_t& number) {
  if (!argument.starts_with(option)) return false;
  argument.remove_prefix(option.size());
  const auto [end, error] = std::from_chars(argument.data(), argument.data() + argument.size(), number);
  return error == std::errc{} && end == argument.data() + argument.size();
}

int live_one(std::uint64_t seed, const std::function<void(const std::string&)>& say) {
  const std::string trouble = holdfast::sim::live(seed, say);
  if (trouble.empty()) return 0;
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), trouble.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seeds = 2000, seed = 0, most = 10;
  bool one = false;
  for (int i = 1; i < argc; ++i) {
    if (read_number(argv[i], "--seeds=", seeds) || read_number(argv[i], "--troubles=", most)) continue;
    one = read_number(argv[i], "--seed=", seed);
    if (!one) {
      std::fprintf(stderr, "usage: %s [--seeds=NUMBER] [--troubles=NUMBER] [--seed=NUMBER]\n", argv[0]);
      return 2;
    }
  }
  if (one) return live_one(seed, [](const std::string& what) { std::printf("%s\n", what.c_str()); });
  std::uint64_t troubles = 0;
  for (seed = 1; seed <= seeds && troubles < most; ++seed) troubles += live_one(seed, {}) != 0 ? 1 : 0;
  std::printf("%llu lives, %llu in trouble\n", static_cast<unsigned long long>(seed - 1),
              static_cast<unsigned long long>(troubles));
  return troubles == 0 ? 0 : 1;
}
