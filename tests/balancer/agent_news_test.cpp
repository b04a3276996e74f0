#include "balancer/daemon/agent_news.h"

#include <gtest/gtest.h>

#include "cli/settings/settings.h"

namespace holdfast {
namespace {

using namespace std::chrono_literals;

constexpr condition well{.workers = 2, .listeners = 2, .servers_alive = 4, .servers = 5};
const instant start{1h};

TEST(AgentNews, AreDueAtFirstAndThenSeldom) {
  agent_news agent;
  EXPECT_TRUE(agent.is_due(well, start));
  agent.was_told(well, start);
  EXPECT_FALSE(agent.is_due(well, start + condition_interval - 1ms));
  EXPECT_TRUE(agent.is_due(well, start + condition_interval));
}

TEST(AgentNews, AreDueAtOnceWhenSomethingIsAnother) {
  agent_news agent;
  agent.was_told(well, start);
  condition now = well;
  now.stopping = true;
  EXPECT_TRUE(agent.is_due(now, start));
  now = well;
  ++now.servers_alive;
  EXPECT_TRUE(agent.is_due(now, start)) << "a server is back";
}

TEST(AgentNews, WaitAMomentWhereOnlyFewerServersAreAlive) {
  agent_news agent;
  agent.was_told(well, start);
  condition now = well;
  now.servers_alive = 0;
  EXPECT_FALSE(agent.is_due(now, start + agent_news::fewer_pause - 1ms));
  EXPECT_TRUE(agent.is_due(now, start + agent_news::fewer_pause));
  now.in_sync = false;
  EXPECT_TRUE(agent.is_due(now, start)) << "that isn't all";
}

TEST(AgentNews, RememberTheRoleOfEachGroup) {
  agent_news agent;
  EXPECT_TRUE(agent.hear({"front", role::backup}));
  EXPECT_TRUE(agent.hear({"back", role::backup}));
  EXPECT_TRUE(agent.hear({"front", role::active}));
  EXPECT_EQ(agent.roles().at("front"), role::active);
  EXPECT_TRUE(agent.hear({"front", role::gone}));
  EXPECT_EQ(agent.roles().size(), 1U);
}

TEST(AgentNews, TakeNoMoreGroupsThanThereMayBe) {
  agent_news agent;
  for (std::size_t i = 0; i < max_vrrp_groups; ++i) EXPECT_TRUE(agent.hear({std::to_string(i), role::backup}));
  EXPECT_FALSE(agent.hear({"one more", role::backup}));
}

TEST(AgentNews, SayWhetherAddressesAreHere) {
  EXPECT_FALSE(holds_addresses({}));
  EXPECT_FALSE(holds_addresses({{"front", role::backup}}));
  EXPECT_TRUE(holds_addresses({{"front", role::backup}, {"back", role::active}}));
}

}  // namespace
}  // namespace holdfast
