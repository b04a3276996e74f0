// Each way to speak and to own addresses with each other: one owner, the other when it dies, and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "tests/lab/vrrp/drill.h"
#include "tests/lab/vrrp/pair.h"
#include "tests/lab/vrrp/pair_config.h"

namespace holdfast::lab {
namespace {

using ::testing::ElementsAre;

using combination = std::tuple<bool, bool, bool, bool>;  // unicast, virtual MAC, IPv6, wire

std::string name_of(const ::testing::TestParamInfo<combination>& one) {
  const auto [unicast, mac, six, wired] = one.param;
  return std::string(unicast ? "Unicast" : "Multicast") + (mac ? "Virtual" : "Interface") + (six ? "Six" : "Four") +
         (wired ? "Wired" : "Wireless");
}

class Matrix : public ::testing::TestWithParam<combination> {};

TEST_P(Matrix, HasOneOwnerThatTheOtherFollowsAndThatComesBack) {
  const auto [unicast, mac, six, wired] = GetParam();
  pair scene;
  pair_config w{.four = !six, .six = six, .unicast = unicast, .more = "vrrp front standalone\n"};
  w.key = scene.files().write("cluster.key", "d3b07384d113edec49eaa6238ad5ff00c157a79031e1c40f85931829bc5fc552\n");
  std::filesystem::permissions(w.key, std::filesystem::perms(0600));
  if (mac) w.more += "vrrp front mac virtual\n";
  if (!wired) w.more += "vrrp front wire off\n";
  const std::string shared = six ? virtual6 : virtual4;
  for (const int number : {1, 2}) scene.lb(number).start_our_agent(our_text(w));
  ASSERT_TRUE(scene.settles_on("lb1", shared)) << scene.said();
  const auto stays_with = [&](const std::string& who) {
    for (int i = 0; i < 40; ++i) {
      pass(25ms);
      ASSERT_THAT(scene.holders(shared), ElementsAre(who)) << scene.said();
    }
  };
  stays_with("lb1");
  scene.lb(1).agent().kill();
  ASSERT_TRUE(scene.settles_on("lb2", shared)) << scene.said();
  scene.lb(1).start_our_agent(our_text(w));
  ASSERT_TRUE(scene.settles_on("lb1", shared)) << scene.said();
  stays_with("lb1");
}

INSTANTIATE_TEST_SUITE_P(Of, Matrix,
                         ::testing::Combine(::testing::Bool(), ::testing::Bool(), ::testing::Bool(), ::testing::Bool()),
                         name_of);

}  // namespace
}  // namespace holdfast::lab
