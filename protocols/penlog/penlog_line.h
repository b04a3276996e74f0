// The lines from which a farm's web log is put together: what a balancer tells of a request, and what a web server has
// logged of it. Knows no socket and no file.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/address.h"
#include "base/result.h"

namespace holdfast {

inline constexpr std::size_t max_penlog_line = 65'506;  // bytes; with its end what a datagram of IPv4 holds

// The balancer's end of its connection to the server: the web server's client.
struct log_source {
  address host;
  std::uint16_t port = 0;  // 0: the log does not have it
  bool operator==(const log_source&) const = default;
};

// "192.0.2.1:4000", "[192.0.2.1]:4000", "[2001:db8::1]:4000", or an address alone; none: anything else.
std::optional<log_source> read_log_source(std::string_view text);

// All texts are views into what was read, escaped as they were there.
struct balancer_line {
  std::string_view client, server;
  std::string_view request;            // its first line, possibly cut; what was no text has another name there
  std::optional<log_source> source;    // none: the balancer does not tell
  std::chrono::sys_seconds time = {};  // of lines in a file
};

struct web_line {
  std::string_view server;   // "" = who has sent it
  std::string_view text;     // as the server wrote it
  std::string_view host;     // its first field: the client, as the server sees it
  std::string_view request;  // what stands between the first quotes
};

enum class penlog_error : std::uint8_t { empty, too_long, no_balancer_line, no_request };
const char* describe(penlog_error why);  // a clause: "expected ..."

// What a penlogd hears. "+ CLIENT SERVER REQUEST" is the balancer's, with a tab and its source behind it where it
// tells that; "@SERVER LINE" is a web server's, of that server, and any other line, too, of the one that sends it.
using penlog_line = std::variant<balancer_line, web_line>;
result<penlog_line, penlog_error> read_penlog_line(std::string_view line);

// "CLIENT UNIXTIME SERVER REQUEST", as a balancer writes it to a file; with a source as above.
result<balancer_line, penlog_error> read_filed_balancer_line(std::string_view line);
result<web_line, penlog_error> read_web_line(std::string_view line);

// The bytes that a log has escaped: \xHH, and \" \\ \b \f \n \r \t \v as Apache writes them.
std::string unescaped(std::string_view logged);

// "[10/Oct/2000:13:55:36 -0700]", the first brackets behind a web server's first field, as UTC; without a zone it is
// `zone` east of that. None: no such time.
std::optional<std::chrono::sys_seconds> time_of(std::string_view web_line, std::chrono::seconds zone = {});

// A line as it goes to the log: the client in place of its first field (none: its own text), control characters as
// \xHH, and its end.
void append_merged(std::string& out, std::string_view line, std::size_t host_size, const std::string* client);

}  // namespace holdfast
