// The access log of one worker: lines are gathered and leave in bundles.
#pragma once

#include <ctime>
#include <memory>
#include <string>
#include <string_view>

#include "balancer/engine/worker_context_io.h"
#include "balancer/flow/access_log.h"
#include "protocols/http/http_head.h"

namespace holdfast {

// What a client has said on a connection, as far as the log wants to know.
struct requests_said {
  std::unique_ptr<request_line> begun;  // the first line of a request, while that has no end
  std::string first;                    // of the first request; in JSON, whose line comes at the end
  std::uint64_t count = 0;
  bool text = true;
};

class access_lines {
 public:
  static constexpr std::size_t bundle = 64 << 10;                       // bytes that make it leave
  static constexpr duration patience = std::chrono::milliseconds(200);  // or so much time

  explicit access_lines(worker_context& context) : context_(context) {}

  void set(access_logging how);
  bool on() const { return how_.on; }

  // A client has sent a piece to a server, over the socket to_server: a request's first, or one behind those that
  // `said` keeps. The request is logged when its first line is complete; until then `said` keeps it, and more is
  // wanted: true. What is no text is logged once a connection.
  bool request(const address& client, const server& to, int to_server, requests_said& said, std::string_view piece);
  // That line will not be longer; nothing if none was begun.
  void request_ends(const address& client, const server& to, int to_server, requests_said& said);
  void closed(const pool& p, closed_event e);  // e.when and e.service are filled in here

  void flush();                        // hands over what there is
  std::optional<instant> due() const;  // when that should be done

 private:
  void log(const address& client, const server& to, int to_server, requests_said& said, std::string_view line);
  void added();
  std::string_view second();

  worker_context& context_;
  access_logging how_;
  request_line line_;
  std::string lines_;
  std::time_t second_ = -1;
  std::string second_text_;
  std::uint64_t count_ = 0;
  instant since_;  // the first of lines_ was added
};

}  // namespace holdfast
