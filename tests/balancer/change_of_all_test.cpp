#include "balancer/cluster/change_of_all.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Service web of two servers; lb1 and lb2.
settings first() {
  settings s;
  s.services["web"].name = "web";
  s.services["web"].servers = {{.name = "1", .where = {"10.0.0.1", "80", ""}},
                               {.name = "2", .where = {"10.0.0.2", "80", ""}}};
  s.nodes = {{.name = "lb1", .where = {"10.1.0.1", "2000", ""}}, {.name = "lb2", .where = {"10.1.0.2", "2000", ""}}};
  s.cluster_key = "/etc/key";
  return s;
}

TEST(ChangeOfAll, IsUndoneToWhatWasBefore) {
  const settings before = first();
  settings made = before;
  made.services["web"].servers.pop_back();
  made.services["web"].timeout = std::chrono::seconds(7);
  EXPECT_EQ(undone(before, made, made), before);
}

TEST(ChangeOfAll, IsUndoneWithoutWhatWasSaidOfServersSince) {
  const settings before = first();
  settings made = before;
  made.services["web"].servers[0].weight = 5;
  settings now = made;
  now.services["web"].servers[1].drain = true;
  settings expected = before;
  expected.services["web"].servers[1].drain = true;
  EXPECT_EQ(undone(before, made, now), expected);
}

TEST(ChangeOfAll, StaysWhenMoreHasBeenChangedHere) {
  const settings before = first();
  settings made = before;
  made.services["web"].servers[0].weight = 5;
  settings now = made;
  now.services["web"].timeout = std::chrono::seconds(7);
  EXPECT_EQ(undone(before, made, now), std::nullopt);
}

TEST(ChangeOfAll, MustNotEndTheChannelOverWhichItIsAgreed) {
  const settings now = first();
  EXPECT_TRUE(keeps_company(now, now, "lb1"));
  for (const auto& alter :
       {+[](settings& s) { s.sync = false; }, +[](settings& s) { s.cluster_key = "/etc/other"; },
        +[](settings& s) { s.next_cluster_key = "/etc/next"; }, +[](settings& s) { s.nodes[1].where.port = "2001"; },
        +[](settings& s) { s.nodes.pop_back(); }}) {
    settings wanted = now;
    alter(wanted);
    EXPECT_FALSE(keeps_company(now, wanted, "lb1"));
  }
}

TEST(ChangeOfAll, ThatIsAFileSaysWhatIsTheAgents) {
  const settings before = first();
  settings after = before;
  after.services["web"].servers.pop_back();
  EXPECT_THAT(loaded_answer(before, after).message, HasSubstr("- service web server 2"));
  EXPECT_THAT(loaded_answer(before, after).message, Not(HasSubstr("reload")));
  after.vrrp["front"].priority = 7;
  EXPECT_THAT(loaded_answer(before, after).message, HasSubstr("say `reload` on each node"));
}

}  // namespace
}  // namespace holdfast
