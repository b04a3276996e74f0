// Whose failure was it that a server was not reached? Knows error numbers, and no socket.
#pragma once

#include <cstdint>

namespace holdfast {

enum class blame : std::uint8_t {
  ours,           // this machine had no room: descriptors, memory, ports; or a full queue on this very machine
  configuration,  // what was asked for can't be: an address that isn't ours, no route, no permission, no such family
  path,           // nobody answered, or somebody on the way said no
  server,         // it said no itself, or isn't there
  client,         // it went, or sent what nobody can serve; never a connect's failure
};

// How far a connect had come when it failed.
enum class connect_step : std::uint8_t {
  prepare,  // socket, options, source address
  start,    // connect() said no at once: this machine's kernel has spoken
  wait,     // what came back later: from the network, or after silence
};

// error: errno of the step, not 0. Local: the server is a UNIX socket.
blame blame_for(int error, connect_step at, bool local);

// No room for one more socket on this machine, whatever it was for.
bool is_shortage(int error);

// Whether clients should keep away from the server for a while. Its own failure says so. The path's does as well: from
// here, a server behind a black hole is one that costs each client the whole timeout. What is ours or the
// configuration's is true of all servers or of none, costs no time to try again, and says nothing of the server.
constexpr bool marks_server(blame whose) { return whose == blame::server || whose == blame::path; }

}  // namespace holdfast
