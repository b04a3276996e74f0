// Whose an address is, and who hears of it when two have it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/lab/vrrp/drill.h"
#include "tests/lab/vrrp/pair.h"
#include "tests/lab/vrrp/pair_config.h"

namespace holdfast::lab {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

pair_config alone() { return {.six = true, .services = {}, .more = "vrrp front standalone\n"}; }

TEST(Address, OfTheBoxItselfStaysWhateverBecomesOfTheAgent) {
  pair scene;
  host& box = scene.lb(1).machine();
  box.address("eth0", std::string(virtual4) + "/24");
  box.address("eth0", std::string(virtual6) + "/64");
  const auto stays = [&](const char* when) {
    pass(1500ms);  // a lease would have ended
    EXPECT_TRUE(box.holds(virtual4) && box.holds(virtual6)) << when;
  };
  scene.lb(1).start_our_agent(our_text(alone()));
  stays("while it is active");
  EXPECT_THAT(scene.lb(1).said(), HasSubstr("192.0.2.80 is this box's own address on eth0 and stays here"));
  scene.lb(1).agent().kill();
  stays("when it was killed");
  scene.lb(1).start_our_agent(our_text(alone()));
  stays("when it has started again");
  scene.lb(1).agent().ask_to_end();
  stays("when it has ended in order");
}

TEST(Address, OfAStrangerIsToldWithItsMac) {
  pair scene;
  scene.crowd().address("eth0", std::string(virtual4) + "/24");
  scene.lb(1).start_our_agent(our_text(alone()));
  EXPECT_TRUE(eventually([&] { return scene.lb(1).machine().holds(virtual4); }));
  const bool told =
      eventually([&] { return scene.lb(1).said().find("conflict: 192.0.2.80 is also at ") != std::string::npos; }, 10s);
  EXPECT_TRUE(told) << scene.lb(1).said();
}

TEST(Address, OfTwoBoxesIsToldAtTheStart) {
  pair scene;
  scene.lb(2).machine().address("eth0", "192.0.2.11/24");
  scene.lb(1).start_our_agent(our_text(alone()));
  const bool told = eventually([&] {
    return scene.lb(1).said().find("conflict: 192.0.2.11, our own address, is also at ") != std::string::npos;
  });
  EXPECT_TRUE(told) << scene.lb(1).said();
}

TEST(Address, IsPutBackWhenManyGoAtOnce) {
  pair scene;
  pair_config w = alone();
  std::vector<std::string> all = {virtual4};
  for (int i = 81; i < 90; ++i) {
    all.push_back("192.0.2." + std::to_string(i));
    w.more += "vrrp front address " + all.back() + "/24\n";
  }
  host& box = scene.lb(1).machine();
  const auto holds_all = [&] { return std::ranges::all_of(all, [&](const auto& one) { return box.holds(one); }); };
  scene.lb(1).start_our_agent(our_text(w));
  ASSERT_TRUE(eventually(holds_all));
  for (const std::string& one : all) box.remove("eth0", one + "/24");
  EXPECT_TRUE(eventually(holds_all));
  EXPECT_THAT(scene.lb(1).said(), Not(HasSubstr("from=active"))) << "one occasion is no reason to step down";
}

TEST(Address, OfADeadNodeIsNoStrangers) {
  pair scene;
  for (const int n : {1, 2}) scene.lb(n).start_our_agent(our_text(alone()));
  ASSERT_TRUE(scene.settles_on("lb1"));
  pass(6s);  // it has asked who else has it
  scene.lb(1).agent().kill();
  ASSERT_TRUE(scene.settles_on("lb2"));
  pass(6s);
  EXPECT_THAT(scene.said(), Not(HasSubstr("conflict")));
}

}  // namespace
}  // namespace holdfast::lab
