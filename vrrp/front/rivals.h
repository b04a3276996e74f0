// Who else says that he has an address of ours, by ARP or neighbour discovery: what is news, and what is known. Knows
// no packet.
#pragma once

#include <cstddef>
#include <vector>

#include "base/address.h"
#include "base/machine.h"
#include "vrrp/message/mac.h"

namespace holdfast {

class rivals {
 public:
  static constexpr std::size_t most = 64;
  static constexpr duration remembered{std::chrono::minutes(10)};  // of silence; he is asked every minute

  struct rival {
    address who;
    mac_address mac{};
    instant since{}, last{};
  };

  // He says so now. True when that is news; of more than `most` at a time it isn't.
  bool claim(const address& who, const mac_address& mac, instant now);

  const std::vector<rival>& all() const { return all_; }  // some may be forgotten already

 private:
  std::vector<rival> all_;
};

}  // namespace holdfast
