// Carries the bytes of a connection both ways between two non-blocking sockets. Decides nothing about connections: it
// says what has become of one. Another engine may stand in its place.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "balancer/loop/poller_io.h"
#include "balancer/relay/pipes_io.h"
#include "base/descriptor_io.h"
#include "cli/settings/settings.h"

namespace holdfast {

// Of a receive window, by the kernel, as we read faster.
enum class growth : std::uint8_t { untouched, stopped, free };

// One side of a connection, and what was read from it and not yet sent to the other. Owns no memory but then.
struct half {
  descriptor fd;
  std::uint32_t stamp = 0;             // of its ticket
  std::unique_ptr<char[]> held;        // read, not yet sent: held_bytes of them, from held_from
  std::unique_ptr<pipe_ends> through;  // the same in a pipe; never both
  std::uint32_t held_from = 0;
  std::uint32_t held_bytes = 0;
  std::uint64_t moved = 0;  // bytes that came from here and were sent to the other side

  bool readable = false;   // the kernel may have something for us to read
  bool writable = false;   // ... and room for us to write
  bool hung_up = false;    // what is there to read is all that will come
  bool ended = false;      // it came to its end in order, and all has been read
  bool passed_on = false;  // ... and sent, and the other side knows of the end
  bool broken = false;     // reset, or failed otherwise: it takes nothing more, but may have said something before
  bool cut = false;        // ... and an end that is read here is none in order
  bool urgent = false;     // out-of-band data has been seen: a short read need not be the last
  bool nagling = false;    // TCP_NODELAY is wanted, and not yet set
  bool spoken_to = false;  // something has been sent to this side
  std::uint8_t full_reads = 0;
  growth window = growth::untouched;  // of a server

  bool holds() const { return held || through; }
  bool unsent() const { return held || (through && through->bytes > 0); }
  void note(const readiness& r);
};

struct channel {
  half client, server;
  bool overheard = true;  // somebody wants to know what the client says
  bool withheld = false;  // what the server sends is left where it is, for now; so is its end
  fastclose closing = fastclose::off;
};

enum class progress : std::uint8_t {
  waiting,       // for the kernel to say more
  again,         // had its share of this turn, and wants more
  leaving,       // it is over, but bytes are under way yet that a close would destroy: to be asked again soon
  finished,      // both directions have ended in order, or as far as fastclose waits for it
  client_reset,  // what the client had sent before has arrived at the server's host
  server_reset,  // likewise
  server_lost    // the server reset before a byte was sent to it or had come from it; what the client sent is kept
};

// One a worker.
class relay {
 public:
  // Told what a client says, piece by piece, as it is sent to its server, until it answers false; the view ends with
  // the call.
  using listener = std::function<bool(channel&, std::string_view)>;

  relay(listener ear, file_room& files);

  // Moves what can be moved, within the channel's share of a turn.
  progress turn(channel& c);

  // Closes both sockets and takes back what they held. reset: with RST to whoever is still there.
  void close(channel& c, bool reset);
  void drop_server(channel& c);  // what the client has sent stays

 private:
  bool pump(channel& c, half& from, half& to);
  bool flush(channel& c, half& from, half& to);
  bool flush_pipe(half& from, half& to);
  int move_some(channel& c, half& from, half& to);
  void copy(channel& c, half& from, half& to, std::size_t wanted);
  bool splice_in(half& from, std::size_t wanted);
  void put_away_pipe(half& from);
  bool delivered(channel& c);
  void swallow(half& h);
  void note_sent(channel& c, half& from, std::string_view piece);
  void hold(half& from, const char* bytes, std::size_t count);
  void release(half& h);

  listener ear_;
  std::unique_ptr<char[]> scratch_;  // where all reads go: one buffer, so it stays in the cache
  pipe_pool pipes_;
  std::size_t held_ = 0;  // bytes in all `held` of this worker
};

}  // namespace holdfast
