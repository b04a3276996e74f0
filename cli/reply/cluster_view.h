// The cluster as one of its nodes sees it: what `cluster` answers, and what hfctl reads from the answer. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/reply/reply.h"

namespace holdfast {

inline constexpr std::string_view in_sync_words = "in sync";
inline constexpr std::chrono::seconds clocks_apart{10};  // that differ by so much want to be set right
inline constexpr std::string_view no_cluster_words = "not connected to any node";

// What isn't known is none, or "".
struct cluster_node {
  std::string name = {};
  bool here = false;                 // the node that answers
  bool in_sync = false;              // each knows all that the other knows; of `here` itself: with all others
  std::string state = {};            // in words: "in sync", or why not: "no connection: connection refused"
  std::optional<double> since = {};  // seconds in that state
  std::string software = {};
  std::optional<double> uptime = {};  // seconds
  std::optional<double> round_trip_ms = {};
  std::optional<double> offset_ms = {};  // its clock less ours
  std::optional<std::uint64_t> servers_alive = {}, servers = {}, connections = {};
  bool operator==(const cluster_node&) const = default;
};

// A group of virtual routers on a node.
struct cluster_role {
  std::string group = {}, node = {};
  std::string role = {};  // name_of(role)
  std::optional<std::uint64_t> priority = {};
  bool operator==(const cluster_role&) const = default;
};

// The clients of a service, and what a node knows of them.
struct cluster_service {
  std::string service = {}, node = {};
  std::uint64_t here = 0;                   // clients in our table
  std::optional<std::uint64_t> there = {};  // in the node's
  std::optional<bool> equal = {};           // when they were compared last
  std::optional<double> compared = {};      // seconds ago
  std::uint64_t waiting = 0;                // news that it has not confirmed
  std::optional<double> lag_ms = {};        // how old the oldest of these is
  std::uint64_t confirmed = 0;              // answers to clients that left after a node knew of them, ...
  std::uint64_t timed_out = 0;              // ... before, for that took too long, ...
  std::uint64_t no_peer = 0;                // ... or there was nobody to wait for
  std::optional<double> wait_median_ms = {}, wait_p99_ms = {};  // by how much they left later
  bool operator==(const cluster_service&) const = default;
};

// A line of the configuration that not all nodes have.
struct cluster_difference {
  std::string node = {};  // has it
  std::string line = {};
  bool operator==(const cluster_difference&) const = default;
};

struct cluster_view {
  std::vector<cluster_node> nodes;
  std::vector<cluster_role> roles;
  std::vector<cluster_service> services;
  std::vector<cluster_difference> differences;
  bool operator==(const cluster_view&) const = default;

  const cluster_node* here() const;
  bool in_sync() const;           // all nodes, and there are others
  std::uint64_t waiting() const;  // news that nobody has confirmed yet, of all services
};

// "the clocks differ by 30 s: lb2 is ahead"
std::string clocks_differ_words(const std::string& node, double its_offset_ms);

// The message says at a glance whether all is well; then the tables nodes, roles, sync and differences.
reply cluster_answer(const cluster_view& v);

// None: the reply is none of cluster_answer().
std::optional<cluster_view> read_cluster(const reply& r);

}  // namespace holdfast
