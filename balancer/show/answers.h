// What the read commands answer, from pools alone: tables for people and programs, and Pen's lines for scripts.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "balancer/choice/pool.h"
#include "base/vocabulary.h"
#include "cli/reply/reply.h"

namespace holdfast {

using pool_list = std::span<const pool* const>;

struct process_facts {
  std::int64_t pid = 0;
  std::string time = {};  // of day, here: "2026-01-01 00:00:00"
  duration uptime{};
  std::string node;
  std::size_t workers = 0;
  std::uint64_t lost_log_lines = 0;                   // of the program's own log
  std::uint64_t lost_access_lines = 0;                // of the access log
  std::string sync_off = {};                          // why there is none although there should be; "" = all is well
  std::optional<std::vector<role_change>> vrrp = {};  // what the agents say; none when none is attached
};

// How long ago it was; it may be ahead of our time a little.
duration since(unix_ms when, unix_ms now);

// As Pen's answers say where it is; of a name that does not resolve the name. Of a UNIX socket the port is 1.
std::string pen_address(const server& s);
unsigned pen_port(const server& s);

// The servers as Pen numbers them: in order, and with each number below the last that no server has (null).
std::vector<std::pair<std::string, const server*>> pen_slots(const pool& p);

// What is wrong with it, or with some of its ports: "10.0.0.1:636: Connection refused". "": nothing.
std::string why_not(const server& s, instant now);

// "up", "down", "blacklisted", "drain" or "no_address".
std::string_view state_of(const server& s, instant now);

// What the agents are told of the servers; listeners, workers and the end are for the process to say.
condition condition_of(pool_list pools, instant now);

// What their checks know of the servers, and as of when. None where nothing is checked, or not yet; or where servers
// that no check asks are all there is.
std::optional<look> look_of(pool_list pools, instant now);

// What keeps new clients of a service out: "full: all 500 connections are taken, new clients wait". "": nothing.
std::string problem_of(const pool& p, instant now);

// One sentence of all of it, for who has started us.
std::string summary(pool_list pools, std::uint32_t connections, instant now, const std::string& sync_off = {});

reply servers_answer(pool_list pools, instant now);
reply status_answer(pool_list pools, const process_facts& process, instant now);  // without a text for Pen

// Clients used at or after `since`, most recent first, at most `limit` a service.
reply clients_answer(pool_list pools, unix_ms since, std::size_t limit, unix_ms now);

// The same, but Pen's lines are of all of them: Pen knows no limit.
reply recent_answer(pool_list pools, unix_ms since, std::size_t limit, unix_ms now);

// One client in every service that knows it; refused when none does.
reply client_answer(pool_list pools, const address& who, unix_ms now);

}  // namespace holdfast
