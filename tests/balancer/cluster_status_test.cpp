#include "balancer/cluster/cluster_status.h"

#include <gtest/gtest.h>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

// lb1 with one service of two servers, one of which is down, and two groups.
struct node {
  node() {
    current.services["web"].name = "web";
    current.vrrp["front"].priority = 120;
    servers.servers[1].live->up = false;
    process.uptime = 90s;
    process.vrrp = {{"front", role::backup}, {"unknown", role::active}};
  }

  own_facts facts() const {
    return {.node = name,
            .process = process,
            .pools = all,
            .connections = 17,
            .in_sync = in_sync,
            .now = current,
            .file = file,
            .when = at(0s)};
  }

  std::string name = "lb1";
  process_facts process;
  pool servers = made_pool(2, service_called("web"));
  const pool* const all[1] = {&servers};
  settings current;
  std::map<std::string, config_lines> file;
  bool in_sync = true;
};

channel_view::node connected(const std::string& name, std::uint64_t config) {
  channel_view::node n;
  n.name = name;
  n.connected = n.in_sync = true;
  n.status = sync_status{.in_sync = 1, .config = config, .groups = {{"front", role::active, 100}}};
  return n;
}

TEST(ClusterStatus, IsWhatTheOthersAreTold) {
  const node lb1;
  const sync_status is = status_of(lb1.facts());
  EXPECT_EQ(is.uptime, 90U);
  EXPECT_EQ(is.connections, 17U);
  EXPECT_EQ(is.servers, 2U);
  EXPECT_EQ(is.servers_alive, 1U);
  EXPECT_EQ(is.in_sync, 1);
  EXPECT_EQ(is.config, hash_of(lines_of(lb1.current)));
  ASSERT_EQ(is.groups.size(), 2U);
  EXPECT_EQ(is.groups[0], (sync_group{"front", role::backup, 120}));
  EXPECT_EQ(is.groups[1].priority, 0) << "the settings don't know it";
}

TEST(ClusterStatus, SaysWhoIsActive) {
  process_facts process;
  EXPECT_FALSE(is_active(process)) << "no agent";
  process.vrrp = {{"front", role::backup}};
  EXPECT_FALSE(is_active(process));
  process.vrrp->push_back({"back", role::active});
  EXPECT_TRUE(is_active(process));
}

TEST(ClusterStatus, ShowsUsAndTheOthers) {
  node lb1;
  lb1.in_sync = false;
  channel_view seen;
  seen.nodes = {connected("lb2", 0)};
  const cluster_view view = view_of(seen, lb1.facts());
  ASSERT_EQ(view.nodes.size(), 2U);
  EXPECT_TRUE(view.nodes[0].here);
  EXPECT_EQ(view.nodes[0].state, "not in sync with the others");
  EXPECT_EQ(view.nodes[0].servers_alive, 1U);
  EXPECT_EQ(view.nodes[1].name, "lb2");
  EXPECT_EQ(view.roles.size(), 3U) << "two groups of ours, one of theirs";
}

TEST(ClusterStatus, ExpectsOurConfigurationOfTheOthers) {
  const node lb1;
  channel_view seen;
  seen.nodes = {connected("lb2", hash_of(lines_of(lb1.current)))};
  EXPECT_TRUE(expected_of(seen, lb1.facts()).met);
  seen.nodes.push_back(connected("lb3", 1));
  const expectation e = expected_of(seen, lb1.facts());
  EXPECT_FALSE(e.met);
  EXPECT_EQ(e.of.at("lb3"), lines_of(lb1.current));
  seen.nodes.back().status.reset();
  EXPECT_TRUE(expected_of(seen, lb1.facts()).met) << "who has said nothing is not wrong";
}

TEST(ClusterStatus, CountsNewsThatConnectedNodesHaveNotConfirmed) {
  channel_view seen;
  EXPECT_FALSE(backlog_of(seen).anybody);
  seen.nodes = {connected("lb2", 0), connected("lb3", 0)};
  channel_view::service s;
  s.waiting = 3;
  seen.nodes[0].services = {s, s};
  seen.nodes[1].services = {s};
  seen.nodes[1].connected = false;
  EXPECT_TRUE(backlog_of(seen).anybody);
  EXPECT_EQ(backlog_of(seen).waiting, 6U);
}

}  // namespace
}  // namespace holdfast
