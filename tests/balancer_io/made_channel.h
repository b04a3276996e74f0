// A relay and a channel between two connections, without a loop.
#pragma once

#include "balancer/relay/relay_io.h"
#include "tests/balancer_io/connected.h"

namespace holdfast {

struct made_channel {
  connected client, server;
  channel c;
  std::string first;
  descriptor_budget files{1 << 16};
  bool wants_more = false;
  relay carrier{[this](channel&, std::string_view bytes) {
                  first += bytes;
                  return wants_more;
                },
                files};

  made_channel() {
    c.client.bytes.fd = std::move(client.ours);
    c.server.bytes.fd = std::move(server.ours);
    c.client.writable = c.server.writable = true;
  }

  void replace_server() {
    carrier.drop_server(c);
    server = connected();
    c.server.bytes.fd = std::move(server.ours);
    c.server.writable = true;
  }

  // As if the kernel had said that both may have something.
  progress turn() {
    c.client.readable = c.server.readable = true;
    return carrier.turn(c);
  }
};

}  // namespace holdfast
