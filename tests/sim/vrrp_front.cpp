// The front network of a world: who reaches whom there.
#include <algorithm>

#include "tests/sim/vrrp_world.h"

namespace holdfast::sim {

void vrrp_world::block(std::size_t n, bool deaf, bool mute) {
  nodes_[n].deaf = deaf;
  nodes_[n].mute = mute;
  touch();
}

// There is a gateway that always answers.
void vrrp_world::perform(std::size_t n, const group::probe_watch&) {
  if (!nodes_[n].deaf && !nodes_[n].mute && !lost()) send(latency() + latency(), n, watch_due{});
}

void vrrp_world::cut_front(std::size_t from, std::size_t to, bool cut) {
  touch();
  front_cut_[{from, to}] = cut;
}

bool vrrp_world::front_carries(std::size_t from, std::size_t to) {
  return !nodes_[from].mute && !nodes_[to].deaf && !front_cut_[{from, to}];
}

bool vrrp_world::adverts_under_way() const {
  return std::ranges::any_of(queue_,
                             [](const auto& one) { return std::holds_alternative<advert_due>(one.second.what); });
}

bool vrrp_world::front_whole() const { return !filtered_ && pings_pass(); }
bool vrrp_world::pings_pass() const {
  const bool ports = std::ranges::none_of(nodes_, [](const node& n) { return n.deaf || n.mute; });
  return loss_ == 0 && ports && std::ranges::none_of(front_cut_, [](const auto& one) { return one.second; });
}

}  // namespace holdfast::sim
