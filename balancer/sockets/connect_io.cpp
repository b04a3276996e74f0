#include "balancer/sockets/connect_io.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "balancer/sockets/socket_io.h"

namespace holdfast {

namespace {

// The port is chosen at connect, so that as many connections fit on the address as there are (address, port) pairs.
bool bind_source(int fd, const address& source) {
  const socket_address from(endpoint{.host = source, .port = 0, .path = {}});
  return set_option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1) && bind(fd, from.get(), from.length) == 0;
}

bool prepare(int fd, int family, const service_settings& policy, const std::optional<address>& source,
             bool bytes_wait) {
  if (family == AF_UNIX) return true;
  // Never without bytes: where the server speaks first, it would wait 200 ms for that segment.
  if (bytes_wait && !set_option(fd, IPPROTO_TCP, TCP_QUICKACK, 0)) return false;
  if (policy.keepalive && !ask_when_silent(fd, policy)) return false;
  return !source || bind_source(fd, *source);
}

}  // namespace

started_connect start_connect(const endpoint& to, const service_settings& policy, const std::optional<address>& source,
                              bool bytes_wait) {
  const socket_address at(to);
  descriptor fd(socket(at.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd || !prepare(fd.get(), at.family(), policy, source, bytes_wait)) {
    return {.fd = {}, .done = false, .error = errno, .at = connect_step::prepare};
  }
  const bool done = connect(fd.get(), at.get(), at.length) == 0;
  if (!done && errno != EINPROGRESS) return {.fd = {}, .done = false, .error = errno, .at = connect_step::start};
  return {.fd = std::move(fd), .done = done};
}

int connect_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

}  // namespace holdfast
