// Lines for the log about what clients' connections met at servers: of each server each kind once a minute, for one
// that comes and goes must fill no log.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "balancer/choice/pool.h"
#include "balancer/flow/worker_messages.h"
#include "base/log/once_a_minute.h"

namespace holdfast {

class server_log {
 public:
  // which: null = it was removed.
  std::optional<std::string> failed(const server_failed& what, const std::string& service, const server* which,
                                    instant now);
  std::optional<std::string> returned(const server_returned& what, const std::string& service, const server& which,
                                      instant now);

 private:
  struct lines {
    once_a_minute failed, returned;
  };
  std::map<std::pair<std::uint32_t, server_id>, lines> all_;  // by service and server
};

}  // namespace holdfast
