// Where the access log goes: a file, a named pipe, or datagrams to a penlogd.
#pragma once

#include <string>
#include <string_view>

#include "balancer/logs/log_place.h"
#include "base/log/line_writer_io.h"
#include "base/log/once_a_minute.h"
#include "base/result.h"
#include "cli/settings/settings.h"

namespace holdfast {

// The access log's destination, opened: appended to, created 0640; a named pipe without a reader is none; a penlogd: a
// line a datagram in its form, over UDP lost without a word if nobody listens, or over TLS. The error is a sentence.
result<line_writer::outlet, std::string> open_access_log(const place& where, const log_setting& how);

// Whether that would succeed, as far as can be said without making a file.
result<void, std::string> rehearse_access_log(const place& where, const log_setting& how);

// Control thread only.
class access_log {
 public:
  void turn_to(line_writer::outlet to) { writer_.turn_to(std::move(to)); }  // null: nowhere

  // Whole lines, each ending in '\n', never waited for. That some were lost, here or before, is said once a minute.
  void write(std::string_view lines);
  std::uint64_t lost() const { return writer_.lost(); }

 private:
  line_writer writer_;
  std::uint64_t said_ = 0;  // of those lost
  once_a_minute limit_;
};

}  // namespace holdfast
