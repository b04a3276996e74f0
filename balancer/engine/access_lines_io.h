// The access log of one worker: lines are gathered and leave in bundles.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "balancer/engine/worker_context_io.h"
#include "balancer/flow/access_log.h"
#include "protocols/http/http_head.h"

namespace holdfast {

class access_lines {
 public:
  static constexpr std::size_t bundle = 16 << 10;                       // bytes that make it leave
  static constexpr duration patience = std::chrono::milliseconds(200);  // or so much time

  explicit access_lines(worker_context& context) : context_(context) {}

  void set(access_logging how);
  bool on() const { return how_.on; }

  // A client of this pool has sent a piece to a server: its first, or one behind those that `begun` keeps. The line is
  // logged when it is complete; until then `begun` keeps it, and more is wanted: true.
  bool request(const pool& p, const address& client, const server& to, std::unique_ptr<request_line>& begun,
               std::string_view piece);
  // That line will not be longer; nothing if none was begun.
  void request_ends(const pool& p, const address& client, const server& to, std::unique_ptr<request_line>& begun);
  void closed(const pool& p, closed_event e);  // e.when and e.service are filled in here

  void flush();                        // hands over what there is
  std::optional<instant> due() const;  // when that should be done

 private:
  void log(const pool& p, const address& client, const server& to, const request_line& line);
  void added();

  worker_context& context_;
  access_logging how_;
  request_line line_;
  std::string lines_;
  std::uint64_t count_ = 0;
  instant since_;  // the first of lines_ was added
};

}  // namespace holdfast
