// The numbers of a service's servers: each identity has one for the life of the process, whoever speaks of it first,
// the configuration or another node. Any thread; a lookup holds a lock for a moment.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "balancer/table/client_table.h"

namespace holdfast {

inline constexpr std::size_t max_server_names = 64 << 10;  // of one service, in the life of the process

class server_names {
 public:
  // From now on the table learns of each number before it is given out; of those before, now.
  void teach(std::shared_ptr<client_table> table);

  // None: there are max_server_names already.
  std::optional<server_id> know(std::string_view identity);

  // "" = there is no such number.
  std::string identity_of(server_id id) const;

  // Those with numbers after `last`, in order.
  std::vector<std::pair<server_id, std::string>> after(server_id last) const;

 private:
  std::shared_ptr<client_table> table_;
  mutable std::mutex lock_;
  std::vector<std::string> names_;  // of number 1, 2, ...
  std::unordered_map<std::string, server_id> numbers_;
};

}  // namespace holdfast
