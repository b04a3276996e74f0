#include "balancer/relay/relay_io.h"

#include <fcntl.h>
#include <linux/socket.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

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
constexpr int wide_window = 1 << 20;

void pass_on_end(half& from, half& to) {
  if (!from.ended || from.passed_on || from.unsent() || to.broken) return;
  from.passed_on = true;
  if (!to.passed_on) to.bytes.shut();  // else both have ended, and close() tells
}

void let_grow(half& server) {
  const int fd = server.bytes.fd.get();
  set_option(fd, SOL_SOCKET, SO_BUF_LOCK, 0);
  // The kernel has measured meanwhile how fast we read, and would wait for more than that. This widens the window at
  // once.
  for (const int lowest : {wide_window, 1}) set_option(fd, SOL_SOCKET, SO_RCVLOWAT, lowest);
  server.window = window_growth::free;
}

void pace(half& server, const half& client) {
  int under_way = 0;
  switch (next_step(server.window, server.moved)) {
    case window_step::none: return;
    case window_step::stop:
      set_option(server.bytes.fd.get(), SOL_SOCKET, SO_BUF_LOCK, SOCK_RCVBUF_LOCK);
      server.window = window_growth::stopped;
      return;
    case window_step::ask:
      if (ioctl(client.bytes.fd.get(), SIOCOUTQ, &under_way) != 0) return;
      if (client_takes(server.moved, static_cast<std::uint64_t>(under_way))) let_grow(server);
  }
}

}  // namespace

relay::relay(listener ear, descriptor_budget& files)
    : ear_(std::move(ear)), scratch_(std::make_unique_for_overwrite<char[]>(scratch_bytes)), pipes_(files) {}

progress relay::turn(channel& c) {
  bool done = pump(c, c.client, c.server);
  if (!c.withheld) done &= pump(c, c.server, c.client);
  if (c.client.broken && c.client.readable) done &= pump(c, c.client, c.server);
  if (!done) return progress::again;
  const progress found =
      progress_of({c.client, c.client.unsent()}, {c.server, c.server.unsent()}, c.withheld, c.closing);
  return may_be_under_way(found, c.client, c.server) && !delivered(c) ? progress::leaving : found;
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
    const std::ptrdiff_t read = h.bytes.skip(scratch_.get(), scratch_bytes);
    if (read <= 0) h.note_end(read);
  }
}

// Moves bytes until one side has no more or the other takes no more. False: the share is used up.
bool relay::pump(channel& c, half& from, half& to) {
  int left = from.full_reads < bulk_after ? share_of_new : share;
  while ((!from.holds() || flush(c, from, to)) && from.readable && from.allowance > 0 && !to.broken && left > 0) {
    left -= move_some(c, from, to);
  }
  put_away_pipe(from);
  pass_on_end(from, to);
  return left > 0 || from.holds() || !from.readable || from.allowance == 0 || to.broken;
}

// Of bulk no more is read than the other side takes now, or a little: who is slow neither keeps a pipe nor much memory.
// Returns the price in reads.
int relay::move_some(channel& c, half& from, half& to) {
  if (&from == &c.server) pace(from, to);
  const bool awaited = &from == &c.client && (c.overheard || c.replied);  // a pipe would hide it
  if (from.full_reads < bulk_after || from.urgent || awaited) {
    copy(c, from, to, held_ < plenty_held ? scratch_bytes : small_read);
    return 1;
  }
  const std::size_t room = to.room();
  const bool by_kernel = !witness_ && from.bytes.spliced_by_kernel() && to.bytes.spliced_by_kernel();
  if (by_kernel && room >= worth_a_pipe && splice_in(from, std::min(room, pipe_pool::capacity))) return price_of_splice;
  copy(c, from, to, std::clamp(room, small_read, scratch_bytes));
  return 1;
}

void relay::note_sent(channel& c, half& from, std::string_view piece) {
  from.moved += piece.size();
  if (piece.empty()) return;
  if (witness_) witness_(c, &from == &c.client, piece);
  if (&from == &c.server) {
    c.replied = true;
  } else if (c.overheard || c.replied) {
    c.replied = false;
    c.overheard = ear_ && ear_(c, piece);
  }
}

// True when nothing is left to send.
bool relay::flush(channel& c, half& from, half& to) {
  if (from.through) {
    if (!flush_pipe(c, from, to)) return false;
  }
  if (!from.held) return true;
  const char* first = from.held.get() + from.held_from;
  const std::size_t sent = to.send(first, from.held_bytes, false);
  const std::size_t ours = std::min<std::size_t>(sent, from.preface);
  from.preface -= static_cast<std::uint32_t>(ours);
  note_sent(c, from, {first + ours, sent - ours});
  let_go(from, sent);
  return !from.held;
}

bool relay::flush_pipe(channel& c, half& from, half& to) {
  while (to.writable && from.through->bytes > 0) {
    to.before_send(from.through->bytes);
    const ssize_t sent = splice(from.through->out.get(), nullptr, to.bytes.fd.get(), nullptr, from.through->bytes,
                                SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (sent < 0) {
      to.note_failed_send();
      return false;
    }
    from.moved += static_cast<std::uint64_t>(sent);
    c.replied |= &from == &c.server;
    from.through->bytes -= static_cast<std::uint32_t>(sent);
  }
  return from.through->bytes == 0;
}

// Reads once, and sends at once: what the other side takes never rests in memory of ours.
void relay::copy(channel& c, half& from, half& to, std::size_t wanted) {
  const std::size_t asked = std::min<std::uint64_t>(wanted, from.allowance);
  const std::ptrdiff_t read = from.bytes.read(scratch_.get(), asked);
  if (read <= 0) return from.note_end(read);
  const auto count = static_cast<std::size_t>(read);
  from.allowance -= count;
  from.full_reads = count == wanted ? static_cast<std::uint8_t>(from.full_reads + (from.full_reads < bulk_after)) : 0;
  // After a short read there is no more to read; if the peer has hung up there will be none: no second call to hear so.
  const bool drained = half::stream_type::short_reads_drain && count < asked && !from.urgent && !from.broken;
  from.ended = drained && from.hung_up;
  from.readable = !drained;
  const std::size_t sent = to.send(scratch_.get(), count, from.ended);
  note_sent(c, from, {scratch_.get(), sent});
  if (sent < count) hold(from, {scratch_.get() + sent, count - sent});
}

// False when there is no pipe to be had.
bool relay::splice_in(half& from, std::size_t wanted) {
  if (!from.through) from.through = pipes_.take();
  if (!from.through) return false;
  const std::size_t asked = std::min<std::uint64_t>(wanted, from.allowance);
  const ssize_t read =
      splice(from.bytes.fd.get(), nullptr, from.through->in.get(), nullptr, asked, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  // Drained (< 0) is no sign: what comes may be bulk.
  if (read >= 0 && read < static_cast<ssize_t>(worth_a_splice)) from.full_reads = 0;
  if (read <= 0) from.note_end(read);
  if (read <= 0) return true;
  from.through->bytes = static_cast<std::uint32_t>(read);
  from.allowance -= static_cast<std::uint64_t>(read);
  return true;
}

}  // namespace holdfast
