#include "vrrp/front/known_links.h"

#include <algorithm>

namespace holdfast {

namespace {

bool same_place(const address_state& a, const address_state& b) { return a.index == b.index && a.host == b.host; }

}  // namespace

void known_links::link_gone(int index) {
  links_.erase(index);
  std::erase_if(addresses_, [&](const address_state& a) { return a.index == index; });
  changed_ = true;
}

void known_links::address_added(const address_state& a) {
  forget(a);
  addresses_.push_back(a);
}

void known_links::address_removed(const address_state& a) {
  forget(a);
  removed_.push_back(a);
}

void known_links::forget(const address_state& a) {
  std::erase_if(addresses_, [&](const address_state& b) { return same_place(a, b); });
  changed_ |= a.origin != our_origin;
}

void known_links::resync(std::span<const link_state> links, std::span<const address_state> addresses) {
  links_.clear();
  for (const link_state& l : links) links_[l.index] = l;
  addresses_.assign(addresses.begin(), addresses.end());
}

std::vector<address_state> known_links::take_removed() {
  auto gone = std::exchange(removed_, {});
  std::erase_if(gone, [this](const address_state& a) {
    return std::ranges::any_of(addresses_, [&](const address_state& b) { return same_place(a, b); });
  });
  return gone;
}

}  // namespace holdfast
