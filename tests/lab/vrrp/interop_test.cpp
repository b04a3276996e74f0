// Ours and a stranger's agent as one virtual router, in every version, family and manner of speaking, each in either
// place. The short form plays some of the trials, the long form all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>

#include "tests/lab/vrrp/interop_case.h"

namespace holdfast::lab {
namespace {

// `ours_above`: ours is lb1, the one that wins, leaves, or comes back.
interop_case against(player partner, int version, bool six, bool unicast, scene_of what, bool ours_above) {
  interop_case d{.what = what, .unicast = unicast, .version = version, .six = six};
  d.who = ours_above ? std::array{player::ours, partner} : std::array{partner, player::ours};
  return d;
}

// The interval of ours is not said, and 1 s with such partners.
std::vector<interop_case> automatic() {
  using enum scene_of;
  if (!long_form()) {
    std::vector<interop_case> some = {against(player::keepalived, 3, false, false, leave, true),
                                      against(player::keepalived, 2, false, false, leave, false),
                                      against(player::frr, 3, false, false, leave, false)};
    for (interop_case& d : some) d.automatic = true;
    return some;
  }
  std::vector<interop_case> all;
  for (const auto& [partner, version] :
       {std::pair(player::keepalived, 3), std::pair(player::keepalived, 2), std::pair(player::frr, 3)})
    for (const scene_of what : every_scene)
      for (const bool ours_above : {true, false})
        all.push_back(against(partner, version, false, false, what, ours_above));
  for (interop_case& d : all) d.automatic = true;
  return all;
}

std::vector<interop_case> all_of_them() {
  std::vector<interop_case> all;
  for (const player partner : {player::keepalived, player::frr})
    for (const auto& [version, six] : {std::pair(3, false), std::pair(3, true), std::pair(2, false)})
      for (const bool unicast : {false, true})
        for (const scene_of what : every_scene)
          for (const bool ours_above : {true, false})
            if (partner != player::frr || !unicast)
              all.push_back(against(partner, version, six, unicast, what, ours_above));
  return all;
}

std::vector<interop_case> some_of_them() {
  using enum scene_of;
  const auto keepalived = player::keepalived, frr = player::frr;
  return {
      against(keepalived, 3, false, false, election, true),
      against(keepalived, 3, false, false, election, false),
      against(keepalived, 3, false, false, leave, true),
      against(keepalived, 3, true, false, leave, false),
      against(keepalived, 3, true, false, kill, false),
      against(keepalived, 3, false, true, preempt, true),
      against(keepalived, 3, false, false, no_preempt, true),
      against(keepalived, 3, false, false, equal, true),
      against(keepalived, 2, false, false, leave, true),
      against(frr, 3, false, false, election, false),
      against(frr, 3, true, false, leave, true),
      against(frr, 3, false, false, kill, false),
  };
}

std::vector<interop_case> trials() {
  std::vector<interop_case> all = long_form() ? all_of_them() : some_of_them();
  const std::vector<interop_case> more = automatic();
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

class Interop : public ::testing::TestWithParam<interop_case> {};

TEST_P(Interop, IsOneVirtualRouter) { fight(GetParam()); }

INSTANTIATE_TEST_SUITE_P(With, Interop, ::testing::ValuesIn(trials()),
                         [](const auto& one) { return name_of(one.param); });

}  // namespace
}  // namespace holdfast::lab
