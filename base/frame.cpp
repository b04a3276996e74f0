#include "base/frame.h"

#include <algorithm>

#include "base/ensure.h"

namespace holdfast {

std::array<std::uint8_t, frame_header_size> frame_header(std::size_t size) {
  ensure(size <= 0xffffffff);
  return {static_cast<std::uint8_t>(size >> 24), static_cast<std::uint8_t>(size >> 16),
          static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
}

frame_reader::frame_reader(std::size_t limit) : bytes_(limit + frame_header_size) {}

std::span<std::uint8_t> frame_reader::room() {
  std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_), bytes_.begin() + static_cast<std::ptrdiff_t>(end_),
            bytes_.begin());
  end_ -= begin_;
  begin_ = 0;
  return std::span(bytes_).subspan(end_);
}

void frame_reader::filled(std::size_t bytes) {
  ensure(bytes <= bytes_.size() - end_);
  end_ += bytes;
}

std::optional<std::span<const std::uint8_t>> frame_reader::next() {
  const auto unread = std::span<const std::uint8_t>(bytes_).subspan(begin_, end_ - begin_);
  if (broken_ || unread.size() < frame_header_size) return std::nullopt;
  std::size_t size = 0;
  for (const std::uint8_t byte : unread.first(frame_header_size)) size = size << 8 | byte;
  if (size > bytes_.size() - frame_header_size) broken_ = true;
  if (broken_ || unread.size() - frame_header_size < size) return std::nullopt;
  begin_ += frame_header_size + size;
  return unread.subspan(frame_header_size, size);
}

}  // namespace holdfast
