// The sync channel as an operator may see it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sync/session.h"

namespace holdfast {

inline constexpr std::uint64_t max_counted_news = 10'000;

// What an operator may see.
struct channel_view {
  struct service {
    session::service_view seen;
    std::uint32_t size = 0;     // of our table
    std::uint64_t waiting = 0;  // news that the peer has not confirmed, at most max_counted_news
    double lag_ms = 0;          // how old the oldest of these is
  };
  struct node {
    std::string name, software, trouble;
    bool connected = false, in_sync = false;
    std::string why_not;  // in sync
    std::string second;   // who else has its name; "" = nobody
    std::optional<instant> since, heard;
    std::optional<duration> round_trip;
    std::optional<std::int64_t> offset_us;
    std::uint64_t bytes_in = 0, bytes_out = 0;
    std::uint64_t skipped = 0;  // entries of it that we could not take: of servers without a name, or damaged
    std::optional<sync_status> status;
    std::vector<service> services;
  };
  std::vector<node> nodes;
};

}  // namespace holdfast
