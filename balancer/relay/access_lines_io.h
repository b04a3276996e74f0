// The access log of one worker: lines are gathered and leave in bundles.
#pragma once

#include <string>
#include <string_view>

#include "balancer/loop/workbench_io.h"
#include "balancer/relay/access_log.h"
#include "balancer/relay/http_head.h"

namespace holdfast {

class access_lines {
 public:
  static constexpr std::size_t bundle = 16 << 10;                       // bytes that make it leave
  static constexpr duration patience = std::chrono::milliseconds(200);  // or so much time

  explicit access_lines(workbench& bench) : bench_(bench) {}

  void set(access_logging how);
  bool on() const { return how_.on; }

  // A client of this pool has sent its first bytes to a server; their first line is logged.
  void request(const pool& p, const address& client, const server& to, std::string_view first_bytes);
  void closed(const pool& p, closed_event e);  // e.when and e.service are filled in here

  void flush();                        // hands over what there is
  std::optional<instant> due() const;  // when that should be done

 private:
  void added();

  workbench& bench_;
  access_logging how_;
  request_line line_;
  std::string lines_;
  std::uint64_t count_ = 0;
  instant since_;  // the first of lines_ was added
};

}  // namespace holdfast
