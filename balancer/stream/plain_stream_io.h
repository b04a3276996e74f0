// A stream whose bytes are those of its socket.
#pragma once

#include "balancer/sockets/socket_io.h"
#include "balancer/stream/stream.h"
#include "base/descriptor_io.h"

namespace holdfast {

struct plain_stream {
  static constexpr bool short_reads_drain = true;

  descriptor fd;

  std::ptrdiff_t read(char* to, std::size_t most) { return receive(fd.get(), to, most, 0); }
  std::ptrdiff_t skip(char* room, std::size_t most) { return receive(fd.get(), room, most, MSG_TRUNC); }  // no copy
  std::ptrdiff_t write(const char* from, std::size_t count, bool last) {
    return transmit(fd.get(), from, count, MSG_NOSIGNAL | (last ? MSG_MORE : 0));
  }
  void shut() { shutdown(fd.get(), SHUT_WR); }
  static std::size_t pending() { return 0; }
  static bool spliced_by_kernel() { return true; }
};

static_assert(stream<plain_stream>);

}  // namespace holdfast
