// Where the nodes of a cluster meet.
#include "cli/configuration/meeting.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

settings with_nodes() {
  settings s;
  s.nodes = {{.name = "lb1", .where = {.host = "10.0.9.11", .port = "7700", .path = ""}},
             {.name = "lb2", .where = {.host = "fd00::12", .port = "7700", .path = ""}}};
  s.cluster_key = "/etc/holdfast/cluster.key";
  return s;
}

TEST(Meeting, IsAtThePlaceOfEachNode) {
  const meeting plan = meeting_of(with_nodes(), "lb1", 1);
  EXPECT_EQ(plan.trouble, "");
  EXPECT_EQ(plan.listen.text(), "10.0.9.11:7701");
  ASSERT_EQ(plan.others.size(), 1U);
  EXPECT_EQ(plan.others[0].first, "lb2");
  EXPECT_EQ(plan.others[0].second.text(), "[fd00::12]:7701");
}

TEST(Meeting, OfTheBalancersIsAtThePortItself) {
  EXPECT_EQ(meeting_of(with_nodes(), "lb1", 0).listen.text(), "10.0.9.11:7700");
}

TEST(Meeting, IsNoTroubleForALoneNode) { EXPECT_EQ(meeting_of({}, "lb1", 0), meeting()); }

TEST(Meeting, SaysWhatIsMissing) {
  EXPECT_NE(meeting_of(with_nodes(), "lb3", 0).trouble, "");
  settings s = with_nodes();
  s.cluster_key.clear();
  EXPECT_NE(meeting_of(s, "lb1", 0).trouble, "");
  for (const char* port : {"65535", "0", "smtp", ""}) {
    s = with_nodes();
    s.nodes[1].where.port = port;
    EXPECT_NE(meeting_of(s, "lb1", 0).trouble, "") << port;
  }
  s = with_nodes();
  s.nodes[1].where.host = "lb2.example";
  EXPECT_NE(meeting_of(s, "lb1", 0).trouble, "");
}

}  // namespace
}  // namespace holdfast
