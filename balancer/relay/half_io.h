// One side of a connection: its stream, what is known of it, and what was read from it and not yet sent to the other.
#pragma once

#include <cstddef>
#include <memory>

#include "balancer/loop/poller_io.h"
#include "balancer/relay/half_state.h"
#include "balancer/relay/pipes_io.h"
#include "balancer/stream/plain_stream_io.h"

namespace holdfast {

// Owns no memory but while the other side is slow.
struct half : half_state {
  using stream_type = plain_stream;  // any `stream` would do

  stream_type bytes;
  std::uint32_t stamp = 0;             // of its ticket
  std::unique_ptr<char[]> held;        // read, not yet sent: held_bytes of them, from held_from
  std::unique_ptr<pipe_ends> through;  // the same in a pipe; never both
  std::uint32_t held_from = 0;
  std::uint32_t held_bytes = 0;

  bool holds() const { return held || through; }
  bool unsent() const { return held || (through && through->bytes > 0); }
  bool has_said_more() const { return held_bytes > preface || (through && through->bytes > 0); }  // than was sent

  void note(const readiness& r);
  void note_end(std::ptrdiff_t read);  // read() brought nothing
  void note_failed_send();

  // How many bytes it took. last: nothing follows but the end, which then travels in the same segment.
  std::size_t send(const char* from, std::size_t count, bool last);
  void before_send(std::size_t count);

  std::size_t room() const;  // bytes that it takes now, about
};

// Whether all that `from` has said has come to the other side's host, or never will.
bool has_arrived(const half& from, const half& to);

}  // namespace holdfast
