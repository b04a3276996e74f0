// Two ends of one TCP connection; ours does not wait.
#pragma once

#include "tests/balancer_io/peer.h"

namespace holdfast {

struct connected {
  descriptor ours;
  peer theirs{descriptor()};

  connected() {
    const descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const socket_address any(loopback());
    EXPECT_EQ(bind(listener.get(), any.get(), any.length), 0);
    EXPECT_EQ(listen(listener.get(), 1), 0);
    theirs = peer::to(local_name(listener.get()));
    ours.reset(accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  }
};

}  // namespace holdfast
