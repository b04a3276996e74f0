#include "balancer/flow/dump.h"

namespace holdfast {

namespace {

void add_hexadecimal(std::string& to, unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (!to.empty()) to += ' ';
  to += digits[byte >> 4];
  to += digits[byte & 15U];
}

char shown(char c) { return c >= ' ' && c <= '~' && c != '"' ? c : '.'; }

}  // namespace

std::string dump_text(std::string_view piece, bool ascii) {
  const std::string_view first = piece.substr(0, most_dumped);
  std::string text;
  for (const char c : first) {
    if (ascii) {
      text += shown(c);
    } else {
      add_hexadecimal(text, static_cast<unsigned char>(c));
    }
  }
  if (piece.size() > first.size()) text += " and " + std::to_string(piece.size() - first.size()) + " more";
  return text;
}

}  // namespace holdfast
