// A client as a line of a file: `service,client,server,assigned,used`. How clients leave one cluster for another, or
// for a file. Pure.
//
// The server is its stable identity, with %XX for bytes that part fields and words. Times are UTC, in milliseconds:
// written as 2026-11-25T03:01:24.123Z, read in that form or as milliseconds since 1970.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/result.h"

namespace holdfast {

struct client_line {
  std::string service;
  address client;
  std::string server;
  std::uint64_t assigned = 0;  // when the client got that server; ms since 1970
  std::uint64_t used = 0;      // when it was last here
  bool operator==(const client_line&) const = default;
};

inline constexpr std::string_view client_line_heading = "service,client,server,assigned,used";
inline constexpr std::uint64_t latest_client_time = 253'402'300'799'999;  // the end of the year 9999

// Without a line end. print_short: the same with times in milliseconds since 1970.
std::string print(const client_line& c);
std::string print_short(const client_line& c);

// The error names the field: "client: expected an address".
result<client_line, std::string> read_client_line(std::string_view text);

}  // namespace holdfast
