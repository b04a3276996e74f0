// Captured frames for tests: little-endian pcap files, and what IP says in a frame.
#pragma once

#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vrrp/message/advert.h"

namespace holdfast {

using captured_frame = std::vector<std::uint8_t>;

// Up to the first record that does not fit into the file: some are damaged on purpose.
inline std::vector<captured_frame> read_pcap(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const captured_frame file{std::istreambuf_iterator<char>(in), {}};
  constexpr std::size_t file_head = 24, record_head = 16;
  std::vector<captured_frame> frames;
  for (std::size_t at = file_head; at + record_head <= file.size();) {
    const auto* size_at = &file[at + 8];
    const std::size_t size = size_at[0] | size_at[1] << 8U | size_at[2] << 16U | std::size_t{size_at[3]} << 24U;
    at += record_head;
    if (size > file.size() - at) break;
    frames.emplace_back(file.begin() + static_cast<std::ptrdiff_t>(at),
                        file.begin() + static_cast<std::ptrdiff_t>(at + size));
    at += size;
  }
  return frames;
}

struct captured_packet {
  advert_facts facts;
  std::uint8_t protocol = 0;
  std::span<const std::uint8_t> payload;  // as long as IP says, and the capture reaches
};

inline std::optional<captured_packet> ip_in(std::span<const std::uint8_t> frame, std::size_t link_bytes = 14) {
  if (frame.size() < link_bytes + 20) return std::nullopt;
  const auto ip = frame.subspan(link_bytes);
  const auto word = [&](std::size_t at) { return ip[at] << 8U | ip[at + 1]; };
  const auto cut = [&](std::size_t begin, std::size_t end) {
    end = std::min<std::size_t>(end, ip.size());
    return ip.subspan(std::min(begin, end), end - std::min(begin, end));
  };
  if (ip[0] >> 4 == 4) {
    const auto four = [&](std::size_t at) { return address::v4(word(at) << 16 | word(at + 2)); };
    return captured_packet{{{four(12), four(16)}, ip[8]}, ip[9], cut((ip[0] & 15) * 4, word(2))};
  }
  if (ip[0] >> 4 != 6 || ip.size() < 40) return std::nullopt;
  const auto six = [&](std::size_t at) {
    address::bytes_type out{};
    std::copy_n(&ip[at], 16, out.begin());
    return address(out);
  };
  return captured_packet{{{six(8), six(24)}, ip[7]}, ip[6], cut(40, 40 + word(4))};
}

}  // namespace holdfast
