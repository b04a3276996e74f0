// The interfaces and addresses of this machine as the kernel has told of them, and what of that is news to those who
// look at them. Knows no netlink.
#pragma once

#include <map>
#include <span>
#include <utility>
#include <vector>

#include "vrrp/front/link_facts.h"

namespace holdfast {

class known_links {
 public:
  void link_changed(const link_state& now) { links_[now.index] = now, changed_ = true; }
  void link_gone(int index);
  void address_added(const address_state& a);
  void address_removed(const address_state& a);
  // All that is there now; what was heard before doesn't count.
  void resync(std::span<const link_state> links, std::span<const address_state> addresses);

  // Whether anything that counts has changed since this was asked last. Our own addresses come and go without a word.
  bool take_changed() { return std::exchange(changed_, false); }

  // What was removed since this was asked last, and has not come back.
  std::vector<address_state> take_removed();

  const std::map<int, link_state>& links() const { return links_; }  // by index
  const std::vector<address_state>& addresses() const { return addresses_; }

 private:
  void forget(const address_state& a);

  std::map<int, link_state> links_;
  std::vector<address_state> addresses_, removed_;
  bool changed_ = false;
};

}  // namespace holdfast
