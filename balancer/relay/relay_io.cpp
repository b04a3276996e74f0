#include "balancer/relay/relay_io.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "balancer/loop/socket_io.h"

namespace holdfast {

namespace {

constexpr std::size_t scratch_bytes = 96 << 10;  // a reply of 64 KiB and its head in one read
constexpr int share = 16;                        // reads of one direction in a turn: a bulk flow starves nobody
constexpr std::size_t plenty_held = 64 << 20;    // from here on reads are small, so that slow readers can't fill memory
constexpr std::size_t small_read = 4 << 10;
constexpr std::size_t worth_a_splice = 16 << 10;
constexpr std::uint8_t bulk_after = 2;  // full reads in a row
constexpr std::size_t surely_one_segment = 1200;

// A send that fails for another reason than a full buffer means that nobody reads there any more. What that side had
// sent before is still to be had.
void note_failed_send(half& to) {
  to.writable = false;
  if (errno == EAGAIN || errno == EINTR) return;
  to.broken = true;
  to.readable = true;
}

// Nagle's algorithm never delays a first small segment, so the option is set when more follows: short connections do
// without.
void before_send(half& to, std::size_t count) {
  if (to.nagling && (to.spoken_to || count > surely_one_segment)) {
    to.nagling = false;
    set_option(to.fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  }
  to.spoken_to = true;
}

// last: nothing follows but the end, which then travels in the same segment.
std::size_t send_to(half& to, const char* bytes, std::size_t count, bool last) {
  if (!to.writable) return 0;
  before_send(to, count);
  const ssize_t sent = transmit(to.fd.get(), bytes, count, MSG_NOSIGNAL | (last ? MSG_MORE : 0));
  if (sent < 0) {
    note_failed_send(to);
    return 0;
  }
  to.writable = static_cast<std::size_t>(sent) == count;
  return static_cast<std::size_t>(sent);
}

void note_end(half& from, ssize_t read) {
  from.readable = false;
  if (read == 0) from.ended = !from.broken;
  if (read < 0 && errno != EAGAIN && errno != EINTR) from.broken = true;
}

void pass_on_end(half& from, half& to) {
  if (!from.ended || from.passed_on || from.unsent() || to.broken) return;
  from.passed_on = true;
  if (!to.passed_on) shutdown(to.fd.get(), SHUT_WR);  // else both have ended, and close() tells
}

progress judge(const channel& c) {
  const half& client = c.client;
  const half& server = c.server;
  if (server.broken && c.withheld && !client.broken) return progress::waiting;  // it may have sent something before
  if (server.broken && !c.withheld) {
    const bool untouched = client.moved == 0 && server.moved == 0 && !server.ended && !server.unsent();
    return untouched ? progress::server_lost : progress::server_reset;
  }
  if (client.broken) return progress::client_reset;
  const bool up = c.closing == fastclose::up || c.closing == fastclose::both;
  const bool down = c.closing == fastclose::down || c.closing == fastclose::both;
  const bool over = (client.passed_on && (server.passed_on || down)) || (server.passed_on && up);
  return over ? progress::finished : progress::waiting;
}

}  // namespace

void half::note(const readiness& r) {
  if (r.urgent && !urgent) {
    urgent = true;
    set_option(fd.get(), SOL_SOCKET, SO_OOBINLINE, 1);  // no byte is lost, though it is urgent no more
  }
  readable |= r.readable;
  writable |= r.writable;
  hung_up |= r.ended;
  broken |= r.failed;
}

relay::relay(first_bytes first, file_room& files)
    : first_(std::move(first)), scratch_(std::make_unique_for_overwrite<char[]>(scratch_bytes)), pipes_(files) {}

progress relay::turn(channel& c) {
  bool done = pump(c, c.client, c.server);
  if (!c.withheld) done &= pump(c, c.server, c.client);
  if (c.client.broken && c.client.readable) done &= pump(c, c.client, c.server);
  return done ? judge(c) : progress::again;
}

// Moves bytes until one side has no more or the other takes no more. False: the share is used up.
bool relay::pump(channel& c, half& from, half& to) {
  for (int left = share; (!from.holds() || flush(c, from, to)) && from.readable && !to.broken; --left) {
    if (left == 0) return false;
    const bool bulk = from.full_reads >= bulk_after && !from.urgent;
    if (!bulk || !splice_in(from)) copy(c, from, to);
  }
  pass_on_end(from, to);
  return true;
}

// True when nothing is left to send.
bool relay::flush(channel& c, half& from, half& to) {
  if (from.through) {
    if (!flush_pipe(from, to)) return false;
    if (from.full_reads < bulk_after) pipes_.give_back(std::move(from.through));
  }
  if (!from.held) return true;
  const char* bytes = from.held.get() + from.held_from;
  const std::size_t sent = send_to(to, bytes, from.held_bytes, false);
  if (sent > 0 && from.moved == 0 && &from == &c.client && first_) first_(c, {bytes, from.held_bytes});
  from.moved += sent;
  from.held_from += static_cast<std::uint32_t>(sent);
  from.held_bytes -= static_cast<std::uint32_t>(sent);
  held_ -= sent;
  if (from.held_bytes > 0) return false;
  from.held.reset();
  return true;
}

bool relay::flush_pipe(half& from, half& to) {
  while (to.writable && from.through->bytes > 0) {
    before_send(to, from.through->bytes);
    const ssize_t sent = splice(from.through->out.get(), nullptr, to.fd.get(), nullptr, from.through->bytes,
                                SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (sent < 0) {
      note_failed_send(to);
      return false;
    }
    from.moved += static_cast<std::uint64_t>(sent);
    from.through->bytes -= static_cast<std::uint32_t>(sent);
  }
  return from.through->bytes == 0;
}

// Reads once, and sends at once: what the other side takes never rests in memory of ours.
void relay::copy(channel& c, half& from, half& to) {
  const std::size_t wanted = held_ < plenty_held ? scratch_bytes : small_read;
  const ssize_t read = receive(from.fd.get(), scratch_.get(), wanted, 0);
  if (read <= 0) return note_end(from, read);
  const auto count = static_cast<std::size_t>(read);
  const bool full = count == wanted;
  from.full_reads = full ? static_cast<std::uint8_t>(from.full_reads + (from.full_reads < bulk_after)) : 0;
  // After a short read there is no more to read; if the peer has hung up there will be none: no second call to hear so.
  from.ended = !full && from.hung_up && !from.broken && !from.urgent;
  from.readable = !from.ended && (full || from.hung_up || from.urgent || from.broken);
  const std::size_t sent = send_to(to, scratch_.get(), count, from.ended);
  if (sent > 0 && from.moved == 0 && &from == &c.client && first_) first_(c, {scratch_.get(), count});
  from.moved += sent;
  if (sent < count) hold(from, scratch_.get() + sent, count - sent);
}

// False when there is no pipe to be had.
bool relay::splice_in(half& from) {
  if (!from.through) from.through = pipes_.take();
  if (!from.through) return false;
  const ssize_t read = splice(from.fd.get(), nullptr, from.through->in.get(), nullptr, pipe_pool::capacity,
                              SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (read > 0) from.through->bytes = static_cast<std::uint32_t>(read);
  if (read >= 0 && read < static_cast<ssize_t>(worth_a_splice))
    from.full_reads = 0;  // drained (< 0): what comes may be
  if (read <= 0) {
    note_end(from, read);
    pipes_.give_back(std::move(from.through));
  }
  return true;
}

void relay::hold(half& from, const char* bytes, std::size_t count) {
  from.held = std::make_unique_for_overwrite<char[]>(count);
  std::memcpy(from.held.get(), bytes, count);
  from.held_from = 0;
  from.held_bytes = static_cast<std::uint32_t>(count);
  held_ += count;
}

void relay::release(half& h) {
  held_ -= h.held_bytes;
  if (h.through) pipes_.give_back(std::move(h.through));
  h = half{};
}

void relay::close(channel& c, bool reset) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  for (half* h : {&c.client, &c.server}) {
    if (reset && h->fd) setsockopt(h->fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    release(*h);
  }
}

void relay::drop_server(channel& c) {
  release(c.server);
  c.client.passed_on = false;  // the next server has to hear of its end, too
}

}  // namespace holdfast
