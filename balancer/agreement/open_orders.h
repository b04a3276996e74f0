// Orders to the other nodes that have not all been answered yet. Knows no channel.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/machine.h"
#include "sync/message.h"

namespace holdfast {

inline constexpr duration order_patience = std::chrono::seconds(10);  // for another node's answer

class open_orders {
 public:
  using answers = std::map<std::string, sync_answer>;  // by node
  using listener = std::function<void(answers)>;

  // A number for an order to these nodes; done: called once, when all have answered, at once if there are none.
  std::uint64_t add(const std::set<std::string>& connected, const std::set<std::string>& absent, listener done,
                    instant now);

  void answered(const std::string& node, const sync_answer& what);  // one that comes too late is nobody's
  void lost(const std::string& node);                               // it won't answer any more
  void expire(instant now);                                         // those who had time enough
  std::optional<instant> due() const;

 private:
  struct order {
    std::set<std::string> missing;
    answers heard;
    listener done;
    instant until;
  };
  void finish(std::uint64_t id);

  std::map<std::uint64_t, order> open_;  // the oldest first
  std::uint64_t next_ = 1;
};

}  // namespace holdfast
