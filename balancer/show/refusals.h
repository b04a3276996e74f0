// What a service could not do as its clients wanted it, as lines for the log: at once when it begins, then at most once
// a minute. Pure: reads counters and is told the time; knows no log.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "balancer/choice/pool.h"

namespace holdfast {

// The counters that are told, by the words used in the log and in `status`.
inline constexpr std::array<std::pair<const char*, std::atomic<std::uint64_t> service_live::*>, 11> refusal_counters{{
    {"full", &service_live::full},
    {"pending_full", &service_live::pending_full},
    {"no_files", &service_live::no_files},
    {"no_room", &service_live::no_room},
    {"misconfigured", &service_live::misconfigured},
    {"refused_acl", &service_live::refused_acl},
    {"no_server", &service_live::no_server},
    {"server_down", &service_live::server_down},
    {"departed", &service_live::departed},
    {"to_emergency", &service_live::to_emergency},
    {"to_abuse", &service_live::to_abuse},
}};

// Of one service.
class refusals {
 public:
  // The line to write now, with what has been counted since the last one; none when nothing has, or when that was less
  // than a minute ago.
  std::optional<std::string> say(const pool& p, instant now);

 private:
  std::array<std::uint64_t, refusal_counters.size()> told_{};
  std::optional<instant> last_;
};

// Of one service: clients that its table had no room for although they had been there within the hour.
class forgotten_clients {
 public:
  // The line to write now; the first a minute after it began, then at most one an hour.
  std::optional<std::string> say(const pool& p, instant now, unix_ms steady);

 private:
  std::uint64_t told_ = 0;
  std::optional<instant> due_;
};

}  // namespace holdfast
