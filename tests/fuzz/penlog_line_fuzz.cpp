// What penlogd and mergelogs hear and read: a balancer's lines and web servers'. Whatever comes, no line is written
// that has not come, none twice, and none with control characters.
#include <algorithm>
#include <cstdint>

#include "base/ensure.h"
#include "penlog/merging.h"
#include "penlog/pairing.h"

namespace {

using namespace holdfast;

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n') || c == 0x7f; }

void check_written(const std::string& out, std::uint64_t lines) {
  ensure(static_cast<std::uint64_t>(std::count(out.begin(), out.end(), '\n')) == lines);
  ensure(std::none_of(out.begin(), out.end(), is_control));
  ensure(out.empty() || out.back() == '\n');
}

// Datagrams, parted by a zero; the first byte of each is how long ago the last was, in tenths of a second.
void pair(std::string_view bytes) {
  pairing lines({.lines = 8, .patience = std::chrono::seconds(2), .waiting = 4096});
  std::string out;
  instant now{};
  while (!bytes.empty()) {
    const std::string_view datagram = bytes.substr(0, bytes.find('\0'));
    bytes.remove_prefix(std::min(datagram.size() + 1, bytes.size()));
    if (datagram.empty()) continue;
    now += std::chrono::milliseconds(100 * static_cast<unsigned char>(datagram[0]));
    lines.hear(datagram.substr(1), "10.0.1.1", now);
    lines.take(out, now);
    ensure(!lines.deadline() || *lines.deadline() > now);
  }
  lines.take_all(out, now);
  ensure(!lines.deadline());
  const auto& seen = lines.seen();
  ensure(seen.named + seen.unnamed == seen.web_lines);
  check_written(out, seen.web_lines);
}

// Lines of files: a balancer's behind a 'b', a web server's behind anything else.
void merge(std::string_view bytes) {
  merging lines({.jitter = std::chrono::seconds(600), .balancer_lines = 8, .waiting = 4096});
  std::string out;
  std::uint64_t all = 0;
  std::chrono::sys_seconds now{};
  while (!bytes.empty()) {
    const std::string_view text = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(text.size() + 1, bytes.size()));
    if (text.empty()) continue;
    if (text[0] == 'b') {
      if (const auto line = read_filed_balancer_line(text.substr(1))) lines.told(*line);
      continue;
    }
    const auto line = read_web_line(text);
    const auto time = time_of(text);
    ++all;
    if (line && time) {
      now = std::max(now, *time);
      lines.logged(*line, "10.0.1.1", *time);
    } else {
      lines.logged_unreadably(text);
    }
    lines.take(out, now);
  }
  lines.take_all(out);
  ensure(lines.named() + lines.unnamed() == all);
  check_written(out, all);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  pair(bytes);
  merge(bytes);
  return 0;
}
