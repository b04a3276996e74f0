// A cluster of two nodes, in sync, with one group that is active on lb1: the node that answers.
#pragma once

#include "cli/reply/cluster_view.h"

namespace holdfast {

inline cluster_view made_cluster() {
  cluster_view v;
  v.nodes = {{.name = "lb1",
              .here = true,
              .in_sync = true,
              .state = "in sync",
              .since = 3600.0,
              .software = "0.1.0",
              .uptime = 7260.0,
              .servers_alive = 3,
              .servers = 4,
              .connections = 812},
             {.name = "lb2",
              .in_sync = true,
              .state = "in sync",
              .since = 3600.0,
              .software = "0.1.0",
              .uptime = 86400.0,
              .round_trip_ms = 0.25,
              .offset_ms = -1.5,
              .servers_alive = 4,
              .servers = 4,
              .connections = 0}};
  v.roles = {{"front", "lb1", "active", 150}, {"front", "lb2", "backup", 100}};
  v.services = {{.service = "web",
                 .node = "lb2",
                 .here = 41'250,
                 .there = 41'250,
                 .equal = true,
                 .compared = 4.0,
                 .waiting = 0,
                 .confirmed = 41'000,
                 .timed_out = 3,
                 .no_peer = 247,
                 .wait_median_ms = 0.0,
                 .wait_p99_ms = 0.5}};
  return v;
}

// The same when lb1's balancer can't reach lb2, which has another configuration, too.
inline cluster_view made_lonely_cluster() {
  cluster_view v = made_cluster();
  v.nodes[0].in_sync = false;
  v.nodes[0].state = "alone";
  v.nodes[1] = {.name = "lb2", .state = "no connection: connection refused", .since = 12.0};
  v.roles.pop_back();
  v.services[0] = {.service = "web", .node = "lb2", .here = 41'250, .waiting = 17, .lag_ms = 12'000.0, .no_peer = 264};
  v.differences = {{"lb1", "service web timeout 5s"}};
  return v;
}

}  // namespace holdfast
