#include "balancer/relay/relay_io.h"

#include <fcntl.h>
#include <linux/sock_diag.h>
#include <linux/socket.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "balancer/sockets/socket_io.h"
#include "base/ensure.h"

namespace holdfast {

namespace {

constexpr std::size_t scratch_bytes = 96 << 10;  // a reply of 64 KiB and its head in one read
constexpr int share = 8;                         // reads of one direction in a turn: a bulk flow starves nobody
constexpr std::uint8_t bulk_after = 2;           // full reads in a row
constexpr int share_of_new = 3;                  // ... of one that is not known to be bulk
constexpr int price_of_splice = 4;               // in reads
constexpr std::size_t plenty_held = 64 << 20;    // from here on the first reads of a flow are small
constexpr std::size_t small_read = 16 << 10;     // so much waits for a side that takes little
constexpr std::size_t worth_a_pipe = 48 << 10;   // room on the other side
constexpr std::size_t worth_a_splice = 16 << 10;
constexpr std::size_t surely_one_segment = 1200;
constexpr int wide_window = 1 << 20;
constexpr std::uint64_t not_small = 16 << 10;      // of a server's reply
constexpr std::uint64_t surely_taken = 128 << 10;  // by the client's program, and not by its kernel alone

// A send that fails for another reason than a full buffer means that nobody reads there any more. What that side had
// sent before is still to be had.
void note_failed_send(half& to) {
  to.writable = false;
  if (errno == EAGAIN || errno == EINTR) return;
  to.cut |= errno != EPIPE;  // which the kernel says of a side that had ended in order before it reset
  to.broken = true;
  to.readable = true;
}

// How much a socket takes now, about: while all is on its way its buffer's limit, less what is in it, less what the
// kernel needs besides.
std::size_t room_of(const half& to) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t length = sizeof memory;
  int unsent = 0;
  if (ioctl(to.fd.get(), SIOCOUTQNSD, &unsent) == 0 && unsent > 0) {
    return static_cast<std::size_t>(std::max(unsent_limit - unsent, 0));
  }
  if (!to.writable || getsockopt(to.fd.get(), SOL_SOCKET, SO_MEMINFO, memory.data(), &length) != 0) return 0;
  const std::uint32_t used = std::max(memory[SK_MEMINFO_WMEM_QUEUED], memory[SK_MEMINFO_WMEM_ALLOC]);
  const std::uint32_t limit = memory[SK_MEMINFO_SNDBUF];
  return used < limit ? (limit - used) / 8 * std::size_t{7} : 0;
}

// Whether all that `from` has said has come to the other side's host, or never will.
bool has_arrived(const half& from, const half& to) {
  if (to.broken || !(from.broken || from.passed_on)) return true;
  int under_way = 0;
  return !from.readable && !from.unsent() && (ioctl(to.fd.get(), SIOCOUTQ, &under_way) != 0 || under_way == 0);
}

// Nagle's algorithm never delays a first small segment, so the option is set when more follows: short connections do
// without.
void before_send(half& to, std::size_t count) {
  if (to.nagling && (to.spoken_to || count > surely_one_segment)) {
    to.nagling = false;
    set_option(to.fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(to.fd.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_limit);
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
  if (read == 0) from.ended |= !from.cut;
  if (read < 0 && errno != EAGAIN && errno != EINTR) from.broken = from.cut = true;
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
    if (untouched) return progress::server_lost;
    return server.ended ? progress::finished : progress::server_reset;  // it may have ended in order before
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

relay::relay(listener ear, file_room& files)
    : ear_(std::move(ear)), scratch_(std::make_unique_for_overwrite<char[]>(scratch_bytes)), pipes_(files) {}

progress relay::turn(channel& c) {
  bool done = pump(c, c.client, c.server);
  if (!c.withheld) done &= pump(c, c.server, c.client);
  if (c.client.broken && c.client.readable) done &= pump(c, c.client, c.server);
  if (!done) return progress::again;
  const progress found = judge(c);
  const bool in_order = c.client.passed_on && c.server.passed_on;
  const bool over = found == progress::finished || found == progress::client_reset || found == progress::server_reset;
  return over && !in_order && !delivered(c) ? progress::leaving : found;
}

// A close with bytes unread would make the kernel reset the connection, and so would we: what is under way to the other
// side would be lost. What that side says meanwhile is for nobody.
bool relay::delivered(channel& c) {
  if (has_arrived(c.server, c.client) && has_arrived(c.client, c.server)) return true;
  if (c.server.broken) swallow(c.client);
  if (c.client.broken) swallow(c.server);
  return false;
}

void relay::swallow(half& h) {
  for (int left = share; left > 0 && h.readable && !h.broken; --left) {
    const ssize_t read = receive(h.fd.get(), scratch_.get(), scratch_bytes, MSG_TRUNC);  // of TCP nothing is copied
    if (read <= 0) note_end(h, read);
  }
}

// Moves bytes until one side has no more or the other takes no more. False: the share is used up.
bool relay::pump(channel& c, half& from, half& to) {
  int left = from.full_reads < bulk_after ? share_of_new : share;
  while ((!from.holds() || flush(c, from, to)) && from.readable && !to.broken && left > 0) {
    left -= move_some(c, from, to);
  }
  put_away_pipe(from);
  pass_on_end(from, to);
  return left > 0 || from.holds() || !from.readable || to.broken;
}

// While we read fast, the kernel lets a server's window grow, to a megabyte at once; should the client stall, all of it
// waits here. So the window of a long reply stays as it is until its client has taken enough to be no idler.
void pace(half& server, const half& client) {
  if (server.window == growth::free || server.moved < not_small) return;
  if (server.window == growth::untouched) {
    set_option(server.fd.get(), SOL_SOCKET, SO_BUF_LOCK, SOCK_RCVBUF_LOCK);
    server.window = growth::stopped;
  }
  int under_way = 0;
  if (server.moved < surely_taken || ioctl(client.fd.get(), SIOCOUTQ, &under_way) != 0) return;
  if (server.moved < surely_taken + static_cast<std::uint64_t>(under_way)) return;
  set_option(server.fd.get(), SOL_SOCKET, SO_BUF_LOCK, 0);
  // The kernel has measured meanwhile how fast we read, and would wait for more than that. This widens the window at
  // once.
  for (const int lowest : {wide_window, 1}) set_option(server.fd.get(), SOL_SOCKET, SO_RCVLOWAT, lowest);
  server.window = growth::free;
}

// Of bulk no more is read than the other side takes now, or a little: who is slow neither keeps a pipe nor much memory.
// Returns the price in reads.
int relay::move_some(channel& c, half& from, half& to) {
  if (&from == &c.server) pace(from, to);
  if (from.full_reads < bulk_after || from.urgent) {
    copy(c, from, to, held_ < plenty_held ? scratch_bytes : small_read);
    return 1;
  }
  const std::size_t room = room_of(to);
  if (room >= worth_a_pipe && splice_in(from, std::min(room, pipe_pool::capacity))) return price_of_splice;
  copy(c, from, to, std::clamp(room, small_read, scratch_bytes));
  return 1;
}

void relay::note_sent(channel& c, half& from, std::string_view piece) {
  if (c.overheard && !piece.empty() && &from == &c.client) c.overheard = ear_ && ear_(c, piece);
  from.moved += piece.size();
}

// True when nothing is left to send.
bool relay::flush(channel& c, half& from, half& to) {
  if (from.through) {
    if (!flush_pipe(from, to)) return false;
  }
  if (!from.held) return true;
  const char* bytes = from.held.get() + from.held_from;
  const std::size_t sent = send_to(to, bytes, from.held_bytes, false);
  note_sent(c, from, {bytes, sent});
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
void relay::copy(channel& c, half& from, half& to, std::size_t wanted) {
  const ssize_t read = receive(from.fd.get(), scratch_.get(), wanted, 0);
  if (read <= 0) return note_end(from, read);
  const auto count = static_cast<std::size_t>(read);
  const bool full = count == wanted;
  from.full_reads = full ? static_cast<std::uint8_t>(from.full_reads + (from.full_reads < bulk_after)) : 0;
  // After a short read there is no more to read; if the peer has hung up there will be none: no second call to hear so.
  from.ended = !full && from.hung_up && !from.broken && !from.urgent;
  from.readable = !from.ended && (full || from.hung_up || from.urgent || from.broken);
  const std::size_t sent = send_to(to, scratch_.get(), count, from.ended);
  note_sent(c, from, {scratch_.get(), sent});
  if (sent < count) hold(from, scratch_.get() + sent, count - sent);
}

// False when there is no pipe to be had.
bool relay::splice_in(half& from, std::size_t wanted) {
  if (!from.through) from.through = pipes_.take();
  if (!from.through) return false;
  const ssize_t read =
      splice(from.fd.get(), nullptr, from.through->in.get(), nullptr, wanted, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (read > 0) from.through->bytes = static_cast<std::uint32_t>(read);
  if (read >= 0 && read < static_cast<ssize_t>(worth_a_splice))
    from.full_reads = 0;  // drained (< 0): what comes may be
  if (read <= 0) note_end(from, read);
  return true;
}

// A pipe is needed while bytes move. Who stalls keeps his until it is the last one; then what is in it is copied, so
// that others flow on.
void relay::put_away_pipe(half& from) {
  if (!from.through) return;
  if (from.through->bytes > 0) {
    if (!pipes_.exhausted()) return;
    const std::size_t count = from.through->bytes;
    from.held = std::make_unique_for_overwrite<char[]>(count);
    ensure(::read(from.through->out.get(), from.held.get(), count) == static_cast<ssize_t>(count));
    from.through->bytes = from.held_from = 0;
    from.held_bytes = static_cast<std::uint32_t>(count);
    held_ += count;
  }
  pipes_.give_back(std::move(from.through));
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
