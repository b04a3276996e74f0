// Lines of the access log, appended to a string. Knows no file.
#pragma once

#include <string>
#include <string_view>

#include "balancer/flow/flow.h"
#include "base/machine.h"
#include "cli/settings/settings.h"

namespace holdfast {

struct request_event {
  wall_time when;
  std::string_view service;
  address client;
  std::string_view server;  // its name
  const endpoint& server_at;
  std::string_view line;  // the request's first line as request_line gives it: no control characters
};

struct closed_event {
  wall_time when;
  std::string_view service;
  address client;
  std::string_view server;     // "" if none was reached
  std::uint64_t sent = 0;      // bytes towards the client
  std::uint64_t received = 0;  // bytes from the client
  duration lasted{};
  close_reason why = close_reason::none;
};

// One line and '\n'. Pen's form: "CLIENT UNIXTIME SERVER FIRST-LINE", both as addresses. JSON: an object, time in
// seconds.
void append_request(std::string& out, log_format format, const request_event& e);

// JSON only: Pen's log has no line for the end of a connection, so nothing is appended.
void append_closed(std::string& out, log_format format, const closed_event& e);

// What a penlogd wants to hear, from a line in Pen's form: "+ CLIENT SERVER FIRST-LINE\n". Other lines stay as they
// are.
void append_penlogd(std::string& out, std::string_view line);

std::string_view name_of(close_reason why);  // "refused_by_acl"

}  // namespace holdfast
