// The command line of the bench tools: `--name value` pairs, numbers within limits.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

namespace holdfast::bench {

class options {
 public:
  // Throws std::runtime_error with a sentence for the user when a name is not among `known` or lacks its value.
  options(int argc, const char* const* argv, std::initializer_list<std::string_view> known);

  // Throws std::runtime_error unless the value is a whole number from low to high. Not given: the fallback.
  std::uint32_t number(std::string_view name, std::uint32_t low, std::uint32_t high, std::uint32_t fallback) const;
  // IPv4 in host order. Throws std::runtime_error unless the value is four numbers joined by dots.
  std::uint32_t host(std::string_view name, std::uint32_t fallback) const;
  std::string text(std::string_view name, std::string_view fallback) const;

 private:
  std::map<std::string, std::string, std::less<>> given_;
};

}  // namespace holdfast::bench
