#include "tests/bench/options.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace holdfast::bench {

options::options(int argc, const char* const* argv, std::initializer_list<std::string_view> known) {
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::string expected;
      for (const auto& one : known) expected.append(" ").append(one);
      throw std::runtime_error("unknown option '" + std::string(name) + "', expected one of" + expected);
    }
    if (i + 1 == argc) throw std::runtime_error("option " + std::string(name) + ": expected a value");
    given_.emplace(name, argv[i + 1]);
  }
}

std::uint32_t options::number(std::string_view name, std::uint32_t low, std::uint32_t high,
                              std::uint32_t fallback) const {
  const auto found = given_.find(name);
  if (found == given_.end()) return fallback;
  const std::string& text = found->second;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high) {
    throw std::runtime_error("option " + found->first + ": expected a number from " + std::to_string(low) + " to " +
                             std::to_string(high) + ", got '" + text + "'");
  }
  return value;
}

std::uint32_t options::host(std::string_view name, std::uint32_t fallback) const {
  const auto found = given_.find(name);
  if (found == given_.end()) return fallback;
  const std::string& text = found->second;
  const char* at = text.data();
  const char* const stop = at + text.size();
  std::uint32_t host = 0;
  int parts = 0;
  for (; parts < 4; ++parts) {
    if (parts > 0) {
      if (at == stop || *at != '.') break;
      ++at;
    }
    std::uint8_t part = 0;
    const auto [end, error] = std::from_chars(at, stop, part);
    if (error != std::errc{}) break;
    host = host << 8U | part;
    at = end;
  }
  if (parts < 4 || at != stop) {
    throw std::runtime_error("option " + found->first + ": expected an IPv4 address, got '" + text + "'");
  }
  return host;
}

std::string options::text(std::string_view name, std::string_view fallback) const {
  const auto found = given_.find(name);
  return found == given_.end() ? std::string(fallback) : found->second;
}

}  // namespace holdfast::bench
