// What a relay holds of the halves of a channel, and how they come and go.
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <utility>

#include "balancer/relay/relay_io.h"
#include "base/ensure.h"

namespace holdfast {

void relay::hold(half& from, std::string_view piece) {
  from.held = std::make_unique_for_overwrite<char[]>(piece.size());
  std::memcpy(from.held.get(), piece.data(), piece.size());
  from.held_from = 0;
  from.held_bytes = static_cast<std::uint32_t>(piece.size());
  held_ += piece.size();
}

// The first so many of what is held.
void relay::let_go(half& from, std::size_t count) {
  from.held_from += static_cast<std::uint32_t>(count);
  from.held_bytes -= static_cast<std::uint32_t>(count);
  held_ -= count;
  if (from.held_bytes == 0) from.held.reset();
}

// A pipe is needed while bytes move. Who stalls keeps his until it is the last one; then what is in it is copied, so
// that others flow on.
void relay::put_away_pipe(half& from) {
  if (!from.through || (from.through->bytes > 0 && !pipes_.exhausted())) return;
  empty_pipe(from);
}

void relay::empty_pipe(half& from) {
  const std::size_t count = from.through->bytes;
  if (count > 0) {
    from.held = std::make_unique_for_overwrite<char[]>(count);
    ensure(::read(from.through->out.get(), from.held.get(), count) == static_cast<ssize_t>(count));
    from.through->bytes = from.held_from = 0;
    from.held_bytes = static_cast<std::uint32_t>(count);
    held_ += count;
  }
  pipes_.give_back(std::move(from.through));
}

void relay::release(half& h) {
  held_ -= h.held_bytes;
  if (h.through) pipes_.give_back(std::move(h.through));
  h = half{};
}

void relay::close(channel& c, bool reset) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  for (half* h : {&c.client, &c.server}) {
    if (reset && h->bytes.fd) setsockopt(h->bytes.fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    release(*h);
  }
}

void relay::drop_server(channel& c) {
  release(c.server);
  let_go(c.client, std::exchange(c.client.preface, 0));
  c.client.passed_on = false;  // the next server has to hear of its end, too
}

void relay::send_first(channel& c, std::string_view preface) {
  half& from = c.client;
  ensure(from.preface == 0 && !from.through);  // nothing has been read before a server is there, but what another left
  std::string all(preface);
  if (from.held) all.append(from.held.get() + from.held_from, from.held_bytes);
  let_go(from, from.held_bytes);
  hold(from, all);
  from.preface = static_cast<std::uint32_t>(preface.size());
}

std::optional<half> relay::detach_server(channel& c) {
  const half& s = c.server;
  const bool ends = s.hung_up || s.broken || s.ended || c.client.passed_on;
  if (!s.bytes.fd || ends || s.holds() || c.client.holds() || s.bytes.pending() > 0) return std::nullopt;
  half out = std::exchange(c.server, half{});
  c.server.moved = std::exchange(out.moved, 0);
  return out;
}

void relay::attach_server(channel& c, half server) {
  ensure(!c.server.bytes.fd);
  server.moved = c.server.moved;
  server.readable = true;  // what it has said unasked, or its end
  c.server = std::move(server);
}

half_image relay::take_image(half& h) {
  if (h.through) empty_pipe(h);
  half_image out{.state = h, .held = {}};
  if (h.held) out.held.assign(h.held.get() + h.held_from, h.held_bytes);
  let_go(h, h.held_bytes);
  return out;
}

void relay::restore(half& h, descriptor fd, const half_image& image) {
  ensure(!h.bytes.fd && !h.holds());
  static_cast<half_state&>(h) = image.state;
  h.bytes.fd = std::move(fd);
  h.readable = h.writable = true;  // the kernel will say if that is not so
  if (!image.held.empty()) hold(h, image.held);
}

}  // namespace holdfast
