// Connections without sockets, numbered from 1, of a pool of two servers.
#pragma once

#include "balancer/relay/connection_io.h"
#include "tests/balancer/made_pool.h"

namespace holdfast {

struct made_connections {
  pool_use use{std::make_shared<const pool>(made_pool(2))};
  connections all;

  // At server 0 or 1.
  connection& add(std::size_t server) {
    connection& c = *all.find(all.make(use));
    c.id = all.size();
    c.on = &use.what->servers[server];
    c.carrying = true;
    c.began = c.last = at(duration{});
    return c;
  }
};

}  // namespace holdfast
