// Where log lines go: the program's own log (spdlog, one event a line, to standard error or syslog) and the access log
// (a file, or datagrams to a penlogd).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/configuration/settings.h"

namespace holdfast {

// Sets up spdlog's default logger. Under systemd the line starts with "<level>" and has no time: journald adds its own.
// foreground: standard error; else syslog. verbosity 0 = info, more = debug.
void start_logging(bool foreground);
void set_log_level(std::uint32_t verbosity);

// Says the same thing at most once a minute, with the number of times in between: for repeated refusals.
class once_a_minute {
 public:
  // The line to write now, or none.
  std::optional<std::string> say(std::string_view line, std::chrono::steady_clock::time_point now);

 private:
  std::optional<std::chrono::steady_clock::time_point> last_;
  std::uint64_t unsaid_ = 0;
};

// The access log's destination. Control thread only.
class access_sink {
 public:
  // file: appended to, created 0640. host and port: UDP, one datagram a line in penlogd's form. The error is a
  // sentence.
  static result<std::unique_ptr<access_sink>, std::string> open(const place& where);

  // Whether that would succeed, as far as can be said without making a file.
  static result<void, std::string> rehearse(const place& where);

  ~access_sink();

  // Whole lines, each ending in '\n'. What can't be written is counted and said once a minute, never waited for.
  void write(std::string_view lines);

 private:
  struct impl;
  explicit access_sink(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

}  // namespace holdfast
