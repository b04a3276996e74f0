// Frames in a stream of bytes: a length of four bytes, network order, then so many bytes. Knows no socket.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace holdfast {

inline constexpr std::size_t frame_header_size = 4;

// What goes before a frame of `size` bytes; less than 4 GiB.
std::array<std::uint8_t, frame_header_size> frame_header(std::size_t size);

// Takes bytes as they come and gives frames. Its memory is limit + 4 bytes, whatever the other side announces.
class frame_reader {
 public:
  explicit frame_reader(std::size_t limit);  // bytes of the longest frame, its header not counted

  // Where the next bytes go. Never empty, once next() has said that there is no whole frame.
  std::span<std::uint8_t> room();
  void filled(std::size_t bytes);  // so many bytes of room() are there now

  // The next whole frame, valid until room() is asked for; none: more bytes are needed, or it is broken.
  std::optional<std::span<const std::uint8_t>> next();

  // A frame beyond the limit was announced. Nothing that comes after it is a frame.
  bool broken() const { return broken_; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t begin_ = 0;  // of what is unread
  std::size_t end_ = 0;
  bool broken_ = false;
};

}  // namespace holdfast
