// Writes what services refuse, and whom they forget, into the log. Control thread only.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "balancer/show/refusals.h"
#include "base/loop/drive_io.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

class refusal_log {
 public:
  // Looks at the pools of the day every second. The io_context ends first, or stops.
  refusal_log(boost::asio::io_context& io, std::function<std::vector<const pool*>()> pools);

 private:
  void look();

  alarm next_;
  std::function<std::vector<const pool*>()> pools_;
  struct told {
    refusals refused;
    forgotten_clients forgotten;
  };
  std::map<std::uint32_t, told> by_service_;
};

}  // namespace holdfast
