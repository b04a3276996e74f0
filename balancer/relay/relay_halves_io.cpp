// What a relay holds of the halves of a channel, and how they come and go.
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
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
  c.client.passed_on = false;  // the next server has to hear of its end, too
}

}  // namespace holdfast
