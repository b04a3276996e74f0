// The program's own log as main() sets it up: spdlog's default logger, whose lines a thread of their own writes. Nobody
// who logs waits for whoever reads.
#pragma once

#include <cstdint>

namespace holdfast {

class program_log {
 public:
  enum class place : std::uint8_t { standard_error, syslog };

  // Once in a process, after it has gone to the background. program: for syslog. A line for journald (standard error of
  // a service) or syslog has a level and no time: they add their own.
  program_log(place to, const char* program);
  ~program_log();  // lines that are read within a fifth of a second arrive
  program_log(const program_log&) = delete;
  program_log& operator=(const program_log&) = delete;

  static std::uint64_t lost();                     // lines that nobody took in time, since the start; any thread
  static void set_level(std::uint32_t verbosity);  // 0 = info, more = debug
};

}  // namespace holdfast
