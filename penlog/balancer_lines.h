// What balancers have told of requests, until a web server's line is found for each: by connection and order where both
// logs know the connection, else by server, request and order. Knows no socket; time is an argument.
#pragma once

#include <cstdint>
#include <limits>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/machine.h"
#include "protocols/penlog/penlog_line.h"

namespace holdfast {

// What is known of a request that a web server has logged.
struct web_request {
  std::string server;                // as server_text() has it
  std::string text;                  // its first line, unescaped
  std::optional<log_source> source;  // none: the log doesn't say, or in another way
};

web_request request_of(const web_line& line, std::string_view sender);
std::string server_text(std::string_view server);  // however an address is written, it is one text

// Under which lines about the same request are found: those with other requests may be there, too.
std::uint64_t request_key(std::string_view server, std::string_view request);

// At most so many are looked at for one line.
inline constexpr std::size_t most_candidates = 1000;

class balancer_lines {
 public:
  // most: lines that wait for their web server's; connections of which the client is remembered. The oldest make way.
  explicit balancer_lines(std::size_t most);

  // Returns its request_key.
  std::uint64_t add(const balancer_line& line, instant now);

  enum class match : std::uint8_t {
    exact,  // where both name the balancer's end of the connection, it is the same
    any     // where a port is not known, its address may be another (address translation)
  };
  struct range {
    instant from = instant::min(), to = instant::max();  // when they were told, both included
    bool newest = false;                                 // of several; otherwise the oldest
  };
  // The client of that request, whose line is used up.
  std::optional<std::string> take(const web_request& what, instant now, match how, const range& when);
  std::optional<std::string> take(const web_request& what, instant now, match how) { return take(what, now, how, {}); }

  // Whose connection to that server this is, whatever it has asked for: of pipelined requests and of TLS there is no
  // line for each. None: not known.
  std::optional<std::string> client_of(const web_request& what) const;

  void forget_before(instant when);
  std::size_t size() const { return lines_.size(); }

 private:
  struct line {
    web_request what;
    std::string client;
    instant told;
    std::optional<instant> superseded;  // its connection has gone on to another request
    std::multimap<std::uint64_t, std::list<line>::iterator>::iterator place;
  };
  using line_list = std::list<line>;
  struct connection {
    std::string key;
    std::string client;
    line_list::iterator newest;  // its newest line, end() if that is used up
  };

  void erase(line_list::iterator which);
  void continue_connection(line_list::iterator which);
  static bool fits(const line& l, const web_request& what, match how);

  std::size_t most_;
  line_list lines_;  // the oldest first
  std::multimap<std::uint64_t, line_list::iterator> by_request_;
  std::list<connection> connections_;  // the one that was silent for longest first
  std::unordered_map<std::string, std::list<connection>::iterator> by_source_;
};

}  // namespace holdfast
