// Where the nodes of a cluster meet.
#include "cli/configuration/cluster_endpoints.h"

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

TEST(ClusterEndpoints, IsAtThePlaceOfEachNode) {
  const cluster_endpoints plan = endpoints_of(with_nodes(), "lb1", 1);
  EXPECT_EQ(plan.trouble, "");
  EXPECT_EQ(plan.listen.text(), "10.0.9.11:7701");
  ASSERT_EQ(plan.others.size(), 1U);
  EXPECT_EQ(plan.others[0].first, "lb2");
  EXPECT_EQ(plan.others[0].second.text(), "[fd00::12]:7701");
}

TEST(ClusterEndpoints, OfTheBalancersIsAtThePortItself) {
  EXPECT_EQ(endpoints_of(with_nodes(), "lb1", 0).listen.text(), "10.0.9.11:7700");
}

TEST(ClusterEndpoints, IsNoTroubleForALoneNode) { EXPECT_EQ(endpoints_of({}, "lb1", 0), cluster_endpoints()); }

TEST(ClusterEndpoints, SaysWhatIsMissing) {
  EXPECT_NE(endpoints_of(with_nodes(), "lb3", 0).trouble, "");
  settings s = with_nodes();
  s.cluster_key.clear();
  EXPECT_NE(endpoints_of(s, "lb1", 0).trouble, "");
  for (const char* port : {"65535", "0", "smtp", ""}) {
    s = with_nodes();
    s.nodes[1].where.port = port;
    EXPECT_NE(endpoints_of(s, "lb1", 0).trouble, "") << port;
  }
  s = with_nodes();
  s.nodes[1].where.host = "lb2.example";
  EXPECT_NE(endpoints_of(s, "lb1", 0).trouble, "");
}

// Three addresses: the node's own, that of a second one, and one more.
const address own = address::v4(0x0a00090b), second = address::v4(0x0a000963), third = address::v4(0x0a000964);
instant at(duration since_start) { return instant(1h) + since_start; }

TEST(Namesakes, AreToldFromANodeThatHasStartedAnew) {
  namesakes lb1("lb1", own);
  EXPECT_FALSE(lb1.hear(own, true, at(0s)));
  EXPECT_EQ(lb1.trouble(at(0s)), "");
  const auto refused = lb1.hear(second, true, at(1s));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->why, "a second node calls itself lb1: 10.0.9.99, beside 10.0.9.11");
  EXPECT_EQ(lb1.trouble(at(2s)), refused->why);
  EXPECT_EQ(lb1.trouble(at(12s)), "") << "it calls no more";
}

TEST(Namesakes, MayBeTheNodeItselfWhileThereIsNoConnection) {
  namesakes lb1("lb1", own);
  EXPECT_FALSE(lb1.hear(second, false, at(0s)));
  lb1.met(second);
  EXPECT_FALSE(lb1.hear(second, true, at(1s))) << "which has started anew";
  EXPECT_TRUE(lb1.hear(third, true, at(2s)));
  EXPECT_FALSE(lb1.hear(own, true, at(3s))) << "in its own place";
}

TEST(Namesakes, AreNewsOnce) {
  namesakes lb1("lb1", own);
  EXPECT_TRUE(lb1.hear(second, true, at(0s))->is_news);
  for (int i = 1; i < 100; ++i) EXPECT_FALSE(lb1.hear(second, true, at(i * 1s))->is_news);
  EXPECT_TRUE(lb1.hear(third, true, at(100s))->is_news);
  EXPECT_TRUE(lb1.hear(third, true, at(11min + 40s))->is_news) << "ten minutes later";
}

}  // namespace
}  // namespace holdfast
