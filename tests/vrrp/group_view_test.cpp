#include "vrrp/agent/group_view.h"

#include <gtest/gtest.h>

#include "tests/vrrp/made_group.h"
#include "tests/vrrp/made_plan.h"

namespace holdfast {
namespace {

TEST(GroupView, SaysWhatTheMachineIs) {
  bench b;
  b.make_active();
  const tempo rhythm(tempo::parameters{.said = 500ms});
  const std::vector<address> fronts{address::v4(0x0a000001), address()};
  const wire_group v = view_of(made_plan(), b.machine, rhythm, 7, fronts, at(b.due() + 2s));
  EXPECT_EQ(v.name, "front");
  EXPECT_EQ(v.is, role::active);
  EXPECT_EQ(v.priority, b.machine.priority());
  EXPECT_EQ(v.how, fitness::fit);
  EXPECT_EQ(v.epoch, 7U);
  EXPECT_EQ(v.addresses, 4U);
  EXPECT_EQ(v.interval, 500'000U) << "microseconds";
  EXPECT_EQ(v.front4, fronts[0]);
  EXPECT_EQ(v.front6, address());
  EXPECT_FALSE(v.looked) << "nothing checks";
}

TEST(GroupView, SaysHowLongAgoAServerWasSeenAlive) {
  bench b;
  b.start();
  b.look(true, 3s);
  const wire_group v = view_of(made_plan(), b.machine, tempo({}), 0, {}, at(5s));
  EXPECT_EQ(v.looked, 2s);
  EXPECT_EQ(heard_of(v, at(10s)).alive_at, at(8s)) << "by the clock of who hears it";
}

TEST(GroupView, HearsTheGroupOfItsName) {
  wire_report report;
  report.groups.resize(2);
  report.groups[0].name = "back";
  report.groups[1].name = "front";
  report.groups[1].is = role::active;
  report.groups[1].priority = 120;
  report.groups[1].how = fitness::degraded;
  report.groups[1].front6 = *address::parse("fe80::2");
  const wire_group theirs = part_of(report, "front");
  const group::peer_view heard = heard_of(theirs, at(0s));
  EXPECT_EQ(heard.is, role::active);
  EXPECT_EQ(heard.priority, 120);
  EXPECT_EQ(heard.how, fitness::degraded);
  EXPECT_FALSE(heard.alive_at);
  EXPECT_EQ(front_of(theirs, true), *address::parse("fe80::2"));
  EXPECT_EQ(front_of(theirs, false), address());
  EXPECT_EQ(part_of(report, "side").name, "") << "it has no such group";
}

TEST(GroupView, NamesFrontsOfOneInterfaceOnly) {
  group_plan plan = made_plan();
  EXPECT_FALSE(is_on_one_interface(plan));
  std::erase_if(plan.routers, [](const router_plan& r) { return r.key.interface != "eth0"; });
  EXPECT_TRUE(is_on_one_interface(plan));
}

}  // namespace
}  // namespace holdfast
