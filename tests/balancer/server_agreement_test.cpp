#include "balancer/cluster/server_agreement.h"

#include <gtest/gtest.h>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

constexpr unix_ms noon = 1'700'000'000'000;

// A node with the service web of two servers, as its settings have them.
struct node {
  node() {
    current.services["web"].name = "web";
    for (const server& s : servers.servers) current.services["web"].servers.push_back({.name = s.name, .where = {}});
  }

  std::vector<sync_server_state> news() {
    const pool* const all[] = {&servers};
    return agreement.news(all, at(0s), noon);
  }
  server_agreement::outcome hear(const sync_server_state& told) {
    return agreement.hear(told, &servers, current, at(0s), noon);
  }
  // Its operator says so, and the others hear it.
  sync_server_state drain(std::size_t n) {
    news();
    servers.servers[n].drain = true;
    return news().at(0);
  }

  service_settings policy = service_called("web");
  pool servers = made_pool(2, policy);
  settings current;
  hybrid_clock clock;
  server_agreement agreement{clock};
};

TEST(ServerAgreement, TellsHowServersAreOnce) {
  node lb1;
  lb1.servers.servers[0].weight = 7;
  lb1.servers.servers[1].live->disable_for(5s, at(0s));
  const auto all = lb1.news();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].service, "web");
  EXPECT_EQ(all[0].identity, "web0");
  EXPECT_EQ(all[0].weight, 7U);
  EXPECT_TRUE(all[0].up);
  EXPECT_EQ(all[1].weight, weight_unsaid);
  EXPECT_EQ(all[1].aside, 5000U);
  EXPECT_TRUE(lb1.news().empty());
}

TEST(ServerAgreement, ObeysAnotherNodesOperator) {
  node lb1, lb2;
  lb2.news();
  const auto all = lb2.hear(lb1.drain(1));
  ASSERT_TRUE(all.about);
  EXPECT_EQ(all.about->name, "web1");
  ASSERT_TRUE(all.counts) << "those who connect later hear it, too";
  ASSERT_TRUE(all.wanted);
  EXPECT_TRUE(all.wanted->services.at("web").servers[1].drain);
  EXPECT_FALSE(all.wanted->services.at("web").servers[0].drain);
  EXPECT_FALSE(all.aside);
}

TEST(ServerAgreement, ChangesNothingThatIsSoAlready) {
  node lb1, lb2;
  lb2.servers.servers[1].drain = true;
  lb2.news();
  const auto all = lb2.hear(lb1.drain(1));
  EXPECT_TRUE(all.counts);
  EXPECT_FALSE(all.wanted);
}

TEST(ServerAgreement, SetsAsideAndTakesBackAsTheOtherDoes) {
  node lb1, lb2;
  lb1.news();
  lb2.news();
  lb1.servers.servers[0].live->disable_for(60s, at(0s));
  EXPECT_EQ(lb2.hear(lb1.news().at(0)).aside, 60s);
  lb2.servers.servers[0].live->disable_for(60s, at(0s));
  lb2.news();
  lb1.servers.servers[0].live->disable_for(0s, at(0s));
  EXPECT_EQ(lb2.hear(lb1.news().at(0)).aside, 0s);
}

TEST(ServerAgreement, SharesABlacklistingWhereNobodyLooks) {
  node lb1, lb2;
  lb2.servers.policy.blacklist = 30s;
  lb1.servers.servers[0].live->up = false;
  const auto down = lb1.news().at(0);
  EXPECT_EQ(lb2.hear(down).blacklisted_until, at(30s));
  lb2.servers.policy.check.how = check_kind::tcp;
  EXPECT_FALSE(lb2.hear(down).blacklisted_until) << "its own check knows better";
}

TEST(ServerAgreement, KnowsNothingOfServersThatAreNotHere) {
  node lb1, lb2;
  sync_server_state told = lb1.drain(0);
  EXPECT_FALSE(lb2.agreement.hear(told, nullptr, lb2.current, at(0s), noon).about);
  told.identity = "elsewhere";
  EXPECT_FALSE(lb2.hear(told).about);
}

TEST(ServerAgreement, PostponesTheLastWordOfEachServer) {
  node lb1;
  sync_server_state one{.service = "web", .identity = "web0"}, other{.service = "web", .identity = "web1"};
  lb1.agreement.postpone(one);
  lb1.agreement.postpone(other);
  one.drain = true;
  lb1.agreement.postpone(one);
  const auto all = lb1.agreement.take_postponed();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_TRUE(all[0].drain);
  EXPECT_TRUE(lb1.agreement.take_postponed().empty());
}

}  // namespace
}  // namespace holdfast
