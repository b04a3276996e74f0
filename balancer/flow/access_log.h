// Lines of the access log, appended to a string. Knows no file.
#pragma once

#include <string>
#include <string_view>

#include "balancer/flow/flow.h"
#include "base/machine.h"
#include "cli/settings/settings.h"

namespace holdfast {

struct request_event {
  std::string_view when;  // seconds since 1970
  address client;
  const endpoint& server;
  std::string_view line;       // the request's first line as request_line gives it: no control characters
  std::string_view from = {};  // our end of the connection to the server; "" = not told
};

struct closed_event {
  wall_time when;
  std::string_view service;
  address client;
  std::string_view server;     // "" if none was reached
  std::uint64_t sent = 0;      // bytes towards the client
  std::uint64_t received = 0;  // bytes from the client
  duration lasted{};
  std::uint64_t requests = 0;  // so often the client began to speak after the server had, if the log was on
  std::string_view line;       // the first request's first line, "" if there was none
  close_reason why = close_reason::none;
};

// Pen's form, a line and '\n' for each request: "CLIENT UNIXTIME SERVER FIRST-LINE", both as addresses; behind a
// tab our end of the connection to the server, if it is to be told.
void append_request(std::string& out, const request_event& e);

// JSON, an object and '\n' for each connection when it ends; time in seconds.
void append_closed(std::string& out, const closed_event& e);

// What a penlogd wants to hear, from a line in Pen's form: "+ CLIENT SERVER FIRST-LINE", with what is behind a tab.
// Other lines stay as they are. Neither has an end.
void append_penlogd(std::string& out, std::string_view line);

std::string_view name_of(close_reason why);  // "refused_by_acl"

}  // namespace holdfast
