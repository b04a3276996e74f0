#include "balancer/sockets/blame.h"

#include <cerrno>

namespace holdfast {

namespace {

// connect(2) and bind(2) on a path.
blame blame_for_local(int error) {
  switch (error) {
    case EAGAIN: return blame::ours;  // the listener's queue is full: TCP would make us wait, and it is there
    case EACCES:
    case EPERM:
    case ELOOP:
    case ENOTDIR:
    case ENAMETOOLONG:
    case EPROTOTYPE: return blame::configuration;  // not ours to open; or not a stream socket's path at all
    default: return blame::server;                 // ENOENT, ECONNREFUSED: whoever should listen there is gone
  }
}

}  // namespace

bool is_shortage(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

blame blame_for(int error, connect_step at, bool local) {
  if (is_shortage(error)) return blame::ours;
  if (local) return blame_for_local(error);
  switch (error) {
    case EAGAIN:
    case EADDRINUSE: return blame::ours;  // no port is left towards this server
    case EADDRNOTAVAIL:                   // the same, but of bind(): `source` is no address of this machine
      return at == connect_step::prepare ? blame::configuration : blame::ours;
    case EINVAL:
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT:
    case EACCES:
    case EPERM:
      return blame::configuration;  // a family that is off; a broadcast address; a rule of this machine's filter
    case ENETUNREACH:               // we have no route; later, a router on the way has none
      return at == connect_step::wait ? blame::path : blame::configuration;
    case ENETDOWN:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
    case ENOPROTOOPT:  // how "protocol unreachable" arrives
    case ETIMEDOUT: return blame::path;
    default: return blame::server;  // ECONNREFUSED, ECONNRESET, and what nobody has met yet: others are tried
  }
}

}  // namespace holdfast
