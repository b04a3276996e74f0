// Starts connections to servers.
#pragma once

#include "balancer/sockets/blame.h"
#include "base/address.h"
#include "base/descriptor_io.h"
#include "cli/settings/settings.h"

namespace holdfast {

struct started_connect {
  descriptor fd;                            // none: refused at once
  bool done = false;                        // connected already
  int error = 0;                            // errno, when refused
  connect_step at = connect_step::prepare;  // where, when refused
};

// Non-blocking, from that source if there is one; TCP_NODELAY is left to the relay. bytes_wait: what the client has
// sent follows at once, so the handshake's last segment can travel with it.
started_connect start_connect(const endpoint& to, const service_settings& policy, const std::optional<address>& source,
                              bool bytes_wait);

// Why a connect under way has failed: errno, 0 = it has not.
int connect_error(int fd);

}  // namespace holdfast
