#include "cli/procedures/switchover.h"

#include <gtest/gtest.h>

#include "tests/cli/made_cluster.h"

namespace holdfast {

namespace {

using names = std::vector<std::string>;

std::string why_not(const cluster_view& v, const std::optional<std::string>& group = {},
                    const std::optional<std::string>& to = {}) {
  const auto made = plan_switchover(v, group, to);
  return made ? "" : made.error();
}

TEST(Switchover, IsOfAllGroupsThatAreActiveHereToTheNextNode) {
  cluster_view v = made_cluster();
  v.roles.push_back({"back", "lb1", "active", 150});
  v.roles.push_back({"back", "lb2", "backup", 100});
  v.roles.push_back({"side", "lb1", "backup", 100});
  v.roles.push_back({"side", "lb2", "active", 150});
  EXPECT_EQ(*plan_switchover(v, {}, {}), (switchover{{"front", "back"}, "lb1", "lb2"}));
  EXPECT_EQ(*plan_switchover(v, "back", "lb2"), (switchover{{"back"}, "lb1", "lb2"}));
}

TEST(Switchover, StartsWhereTheAddressesAre) {
  cluster_view v = made_cluster();
  std::swap(v.roles[0].role, v.roles[1].role);
  EXPECT_EQ(why_not(v), "group front is active on lb2: say it there");
  EXPECT_EQ(why_not(v, "front"), "group front is active on lb2: say it there");
  v.roles[1].role = "fault";
  EXPECT_EQ(why_not(v), "group front is active nowhere");
}

TEST(Switchover, IsOfAGroupThatThereIs) {
  cluster_view v = made_cluster();
  EXPECT_EQ(why_not(v, "frnt"), "no group frnt");
  v.roles.clear();
  EXPECT_EQ(why_not(v), "there is no group of virtual routers");
}

TEST(Switchover, NeedsAnotherNodeThatIsInSyncAndFit) {
  EXPECT_EQ(why_not(cluster_view{}), "not connected to any node");
  cluster_view lost = made_lonely_cluster();
  EXPECT_EQ(why_not(lost), "no other node is a backup of group front");
  lost.roles.push_back({"front", "lb2", "backup", 100});
  EXPECT_EQ(why_not(lost), "lb2 is not in sync: no connection: connection refused");
  cluster_view unfit = made_cluster();
  unfit.nodes[1].servers_alive = 0;
  EXPECT_EQ(why_not(unfit), "lb2 finds no server alive");
  unfit.nodes[1].servers = 0;
  EXPECT_EQ(why_not(unfit), "") << "it has none, nor would it need any";
}

TEST(Switchover, IsToANodeThatWouldTakeOver) {
  EXPECT_EQ(why_not(made_cluster(), {}, "lb1"), "lb1 is active already");
  EXPECT_EQ(why_not(made_cluster(), {}, "lb9"), "no node lb9");
  cluster_view v = made_cluster();
  v.nodes.push_back(v.nodes[1]);
  v.nodes[2].name = "lb3";
  v.roles.push_back({"front", "lb3", "backup", 120});
  EXPECT_EQ(plan_switchover(v, {}, {})->to, "lb3");
  EXPECT_EQ(why_not(v, {}, "lb2"), "lb3 would take over group front: its priority is higher");
  v.roles[2].role = "fault";
  EXPECT_EQ(why_not(v, {}, "lb3"), "lb3 is no backup of group front");
  EXPECT_EQ(plan_switchover(v, {}, {})->to, "lb2");
}

TEST(Switchover, IsDoneWhenTheNodeIsActiveInAllGroups) {
  cluster_view v = made_cluster();
  EXPECT_TRUE(is_active(v, "lb1", {"front"}));
  EXPECT_FALSE(is_active(v, "lb2", {"front"}));
  EXPECT_FALSE(is_active(v, "lb1", {"front", "back"}));
}

TEST(Switchover, FindsAServiceAtTheAddresses) {
  settings s;
  s.vrrp["front"].addresses = {{.host = *address::parse("192.0.2.80"), .length = 24, .id = {}}};
  EXPECT_EQ(service_at(s, {"front"}), std::nullopt);
  s.services["web"].listeners = {{{}, {}, "/run/x.sock"}, {"192.0.2.7", "80", {}}};
  EXPECT_EQ(service_at(s, {"front"}), std::nullopt);
  s.services["web"].listeners.push_back({"192.0.2.80", "443", {}});
  EXPECT_EQ(service_at(s, {"front"}), (place{"192.0.2.80", "443", {}}));
  for (const char* any : {"", "0.0.0.0", "::"}) {
    s.services["web"].listeners = {{any, "8080", {}}};
    EXPECT_EQ(service_at(s, {"front"}), (place{"192.0.2.80", "8080", {}})) << any;
  }
  EXPECT_EQ(service_at(s, {"back"}), std::nullopt);
}

}  // namespace

}  // namespace holdfast
