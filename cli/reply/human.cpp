#include "cli/reply/human.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace holdfast {

namespace {

std::string with_decimals(double number, int decimals) {
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%.*f", decimals, number);
  return out.data();
}

bool continues(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80;
}

// Bytes of the UTF-8 character that starts at `at`; 0 if none does (also overlong forms, surrogates, above U+10FFFF).
std::size_t character_at(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if (!continues(text, at + i)) return 0;
  }
  const auto second = static_cast<unsigned char>(text[at + 1]);
  const bool wrong = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                     (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
  return wrong ? 0 : size;
}

bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;  // C1: terminals obey these, too
}

}  // namespace

std::string human_bytes(double bytes) {
  if (bytes < 1024) return with_decimals(std::floor(bytes), 0) + " B";
  static constexpr std::array names{" KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
  std::size_t name = 0;
  bytes /= 1024;
  while (bytes >= 1023.5 && name + 1 < names.size()) {
    bytes /= 1024;
    ++name;
  }
  return with_decimals(bytes, bytes < 99.95 ? 1 : 0) + names[name];
}

std::string human_duration(double seconds) {
  if (seconds <= 0) return "0s";
  if (seconds < 0.9995) return with_decimals(std::round(seconds * 1000), 0) + "ms";
  const double whole = std::floor(seconds + 0.0005);
  if (whole < 60) return with_decimals(whole, 0) + 's';
  const auto pair = [whole](double big, const char* big_name, double small, const char* small_name) {
    const double rest = std::floor(std::fmod(whole, big) / small);
    return with_decimals(std::floor(whole / big), 0) + big_name + ' ' + with_decimals(rest, 0) + small_name;
  };
  if (whole < 3600) return pair(60, "m", 1, "s");
  if (whole < 86400) return pair(3600, "h", 60, "m");
  return pair(86400, "d", 3600, "h");
}

std::string human_number(double number) {
  const bool small = std::abs(number) < 9.95 && number != std::floor(number);
  return with_decimals(number, small ? 1 : 0);
}

std::string printable(std::string_view text, bool keep_controls) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character_at(text, at);
    const std::string_view character = text.substr(at, size == 0 ? 1 : size);
    at += character.size();
    if (size == 0) {
      out += '?';
    } else if (keep_controls || !is_control(character)) {
      out += character;
    } else {
      out += character == "\t" ? ' ' : '?';
    }
  }
  return out;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size(); ++at) columns += !continues(text, at);
  return columns;
}

std::string_view first_columns(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (continues(text, at)) continue;
    if (columns == 0) break;
    --columns;
  }
  return text.substr(0, at);
}

}  // namespace holdfast
