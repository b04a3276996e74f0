// What the relay asks of a stream: bytes in order, both ways, over one socket that does not wait. Knows no socket.
#pragma once

#include <concepts>
#include <cstddef>

namespace holdfast {

// read and write answer as recv and send do: how many bytes; -1 and errno, EAGAIN when there are none or no room now.
// read answers 0 when the other side has ended in order.
//
//   read(to, most)
//   skip(room, most)          as read, but nobody wants the bytes: room is only for who can't do without
//   write(from, count, last)  last: shut() follows at once, and may travel in the same segment
//   shut()                    nothing follows, and the other side is to know
//   pending()                 bytes that have left the socket and not yet read(): no event will tell of them
//   spliced_by_kernel()       whether the kernel may move bytes between `fd` and a pipe; else they must pass through us
//   short_reads_drain         whether a read() that brings less than was asked for has brought all there is
template <class S>
concept stream = requires(S s, const S& c, char* to, const char* from, std::size_t count, bool last) {
  { s.read(to, count) } -> std::same_as<std::ptrdiff_t>;
  { s.skip(to, count) } -> std::same_as<std::ptrdiff_t>;
  { s.write(from, count, last) } -> std::same_as<std::ptrdiff_t>;
  { s.shut() } -> std::same_as<void>;
  { c.pending() } -> std::same_as<std::size_t>;
  { c.spliced_by_kernel() } -> std::same_as<bool>;
  { S::short_reads_drain } -> std::convertible_to<bool>;
};

}  // namespace holdfast
