#include "cli/reply/cluster_view.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/cli/made_cluster.h"

namespace holdfast {

namespace {

// As it comes over a control socket.
std::optional<cluster_view> heard(const reply& r) {
  const auto arrived = parse_wire(render_wire(r));
  return arrived ? read_cluster(*arrived) : std::nullopt;
}

TEST(ClusterView, IsReadFromItsAnswer) {
  EXPECT_EQ(heard(cluster_answer(made_cluster())), made_cluster());
  EXPECT_EQ(heard(cluster_answer(made_lonely_cluster())), made_lonely_cluster());
  EXPECT_EQ(heard(cluster_answer({})), cluster_view{});
  cluster_view largest = made_cluster();
  largest.services[0].confirmed = std::numeric_limits<std::uint64_t>::max();
  largest.services[0].equal = std::nullopt;
  EXPECT_EQ(heard(cluster_answer(largest)), largest);
}

TEST(ClusterView, SaysAtAGlanceWhetherAllIsWell) {
  EXPECT_EQ(cluster_answer(made_cluster()).message, "in sync");
  EXPECT_EQ(cluster_answer(made_lonely_cluster()).message,
            "lb2: no connection: connection refused; the configurations differ");
  cluster_view alone = made_cluster();
  alone.nodes.pop_back();
  EXPECT_EQ(cluster_answer(alone).message, "not connected to any node");
}

TEST(ClusterView, WarnsOfClocksThatDiffer) {
  cluster_view v = made_cluster();
  v.nodes[1].offset_ms = 29'999.7;
  EXPECT_EQ(cluster_answer(v).message, "in sync; the clocks differ by 30 s: lb2 is ahead");
  v.nodes[1].offset_ms = -3'600'000;
  EXPECT_EQ(cluster_answer(v).message, "in sync; the clocks differ by 3600 s: lb2 is behind");
  v.nodes[1].offset_ms = 9'999;
  EXPECT_EQ(cluster_answer(v).message, "in sync");
}

TEST(ClusterView, IsInSyncWhenAllOthersAre) {
  EXPECT_TRUE(made_cluster().in_sync());
  EXPECT_FALSE(made_lonely_cluster().in_sync());
  EXPECT_FALSE(cluster_view{}.in_sync());
  cluster_view three = made_cluster();
  three.nodes.push_back({.name = "lb3", .state = "its snapshot has not ended"});
  EXPECT_FALSE(three.in_sync());
}

TEST(ClusterView, SumsWhatWaits) {
  cluster_view v = made_lonely_cluster();
  v.services.push_back({.service = "mail", .node = "lb2", .waiting = 3});
  EXPECT_EQ(v.waiting(), 20U);
}

TEST(ClusterView, IsNoneOfAnotherAnswer) {
  EXPECT_FALSE(read_cluster(refused("no")));
  EXPECT_FALSE(read_cluster({}));
  reply refusal = cluster_answer(made_cluster());
  refusal.is = verdict::refused;
  EXPECT_FALSE(read_cluster(refusal));
  reply fewer_tables = cluster_answer(made_cluster());
  fewer_tables.tables.pop_back();
  EXPECT_FALSE(read_cluster(fewer_tables));
  reply fewer_columns = cluster_answer(made_cluster());
  for (auto& row : fewer_columns.tables[0].rows) row.pop_back();
  fewer_columns.tables[0].columns.pop_back();
  EXPECT_FALSE(read_cluster(fewer_columns));
}

// Every cell of every table in turn is of a kind that its column never has.
TEST(ClusterView, IsNoneWhenACellIsOfAnotherKind) {
  const reply whole = cluster_answer(made_lonely_cluster());
  for (std::size_t t = 0; t < whole.tables.size(); ++t) {
    for (std::size_t c = 0; c < whole.tables[t].columns.size(); ++c) {
      reply broken = whole;
      broken.tables[t].rows[0][c] = true;
      EXPECT_FALSE(read_cluster(broken)) << whole.tables[t].name << ' ' << whole.tables[t].columns[c].name;
    }
  }
}

}  // namespace

}  // namespace holdfast
