// Which checks a pool asks for: of each server, or of each port of one that has none of its own; and what they mean for
// the server as a whole.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "balancer/choice/pool.h"

namespace holdfast {

using check_key = std::pair<server_id, std::uint16_t>;  // port 0 = of the server, whatever its ports

struct planned_check {
  check_key which;
  const server* of;          // of the pool
  std::vector<endpoint> at;  // what is asked, in turn
  std::shared_ptr<reach_live> live;
};

// port: where a server without one is asked, 0 = nowhere.
std::vector<planned_check> checks_of(const pool& of, std::uint16_t port);

// All addresses of a server, with the port at which it is asked: that of the check, its own, or `port`. Empty: none.
std::vector<endpoint> check_targets(const server& s, std::uint16_t check_port, std::uint16_t port);

// "10.0.0.1:80", several with commas.
std::string text_of(const std::vector<endpoint>& some);

// A server with ports is up while one of them is.
void sum_up(const server& s, instant now);

// Whether this check is the one that speaks for a server that is down: one does, for all ports.
bool speaks_for(const server& s, std::uint16_t port);

}  // namespace holdfast
