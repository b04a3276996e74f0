// What has become of a connection, by what is known of its two sides. Knows no socket.
#pragma once

#include "balancer/relay/half_state.h"
#include "cli/settings/settings.h"

namespace holdfast {

enum class progress : std::uint8_t {
  waiting,       // for the kernel to say more
  again,         // had its share of this turn, and wants more
  counted,       // all bytes that a side was allowed have been sent to the other; none follows until it is allowed more
  leaving,       // it is over, but bytes are under way yet that a close would destroy: to be asked again soon
  finished,      // both directions have ended in order, or as far as fastclose waits for it
  client_reset,  // what the client had sent before has arrived at the server's host
  server_reset,  // likewise
  server_lost    // the server reset before a byte was sent to it or had come from it; what the client sent is kept
};

// A side, and whether bytes that came from it are held.
struct known_half {
  const half_state& state;
  bool unsent = false;
};

// Before it broke it may have ended in order.
constexpr progress of_broken_server(const half_state& client, known_half server) {
  const bool untouched = client.moved == 0 && server.state.moved == 0 && !server.state.ended && !server.unsent;
  if (untouched) return progress::server_lost;
  return server.state.ended ? progress::finished : progress::server_reset;
}

constexpr bool is_counted_out(known_half h) { return h.state.allowance == 0 && !h.unsent; }

// Once all has been moved that can be. withheld: what the server sends is left where it is, for now; so is its end.
// Never `again`, nor `leaving`: whether that is so, only the kernel can say; ask it if may_be_under_way().
constexpr progress progress_of(known_half client, known_half server, bool withheld, fastclose closing) {
  if (server.state.broken && !withheld) return of_broken_server(client.state, server);
  if (client.state.broken) return progress::client_reset;
  if (server.state.broken) return progress::waiting;  // it may have sent something before
  const bool up = closing == fastclose::up || closing == fastclose::both;
  const bool down = closing == fastclose::down || closing == fastclose::both;
  const bool client_done = client.state.passed_on, server_done = server.state.passed_on;
  if ((client_done && (server_done || down)) || (server_done && up)) return progress::finished;
  return is_counted_out(client) || is_counted_out(server) ? progress::counted : progress::waiting;
}

constexpr bool may_be_under_way(progress found, const half_state& client, const half_state& server) {
  const bool over = found == progress::finished || found == progress::client_reset || found == progress::server_reset;
  return over && !(client.passed_on && server.passed_on);
}

}  // namespace holdfast
