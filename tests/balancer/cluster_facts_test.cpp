// What `cluster` and `cluster COMMAND` answer, from what the channel sees.
#include "balancer/cluster/cluster_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "balancer/choice/pool.h"

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr instant now{1h};

reply saying(std::string pen) {
  reply r;
  r.pen = std::move(pen);
  return r;
}

TEST(ClusterFacts, OfANodeSayWhyItIsNotInSync) {
  channel_view::node n;
  n.name = "lb2";
  n.trouble = "the connection was refused";
  EXPECT_EQ(node_of(n, now).state, "no connection: the connection was refused");
  n.connected = true;
  n.why_not = "the snapshot of web is under way";
  EXPECT_EQ(node_of(n, now).state, n.why_not);
  n.in_sync = true;
  n.since = now - 5s;
  n.status = sync_status();
  EXPECT_FALSE(node_of(n, now).in_sync) << "it doesn't know what we know";
  n.status->in_sync = 1;
  const cluster_node seen = node_of(n, now);
  EXPECT_TRUE(seen.in_sync);
  EXPECT_EQ(seen.state, in_sync_words);
  EXPECT_EQ(seen.since, 5.0);
  n.second = "a second node calls itself lb2: 10.0.0.9, beside 10.0.0.2";
  EXPECT_TRUE(node_of(n, now).in_sync);
  EXPECT_EQ(node_of(n, now).state, "in sync; " + n.second);
}

TEST(ClusterFacts, OfAServiceTellWaitsByTheirBuckets) {
  confirm_counters counted;
  counted.waits[0] = 90;
  counted.waits[5] = 9;  // 16 to 32 us
  counted.waits[11] = 1;
  channel_view::service s;
  s.seen.name = "web";
  s.waiting = 3;
  s.lag_ms = 12;
  const cluster_service seen = service_of({}, s, &counted, now);
  EXPECT_EQ(seen.wait_median_ms, 0.0);
  EXPECT_EQ(seen.wait_p99_ms, 0.032);
  EXPECT_EQ(seen.lag_ms, 12.0);
  EXPECT_EQ(seen.equal, std::nullopt) << "never compared";
  EXPECT_EQ(service_of({}, s, nullptr, now).wait_median_ms, std::nullopt);
}

TEST(ClusterFacts, OfANodeNameTheServicesThatCantBeInSync) {
  channel_view::node n;
  n.name = "lb2";
  const auto seen = [&](const std::string& name, bool ours, bool theirs) -> channel_view::service& {
    channel_view::service& s = n.services.emplace_back();
    s.seen.name = name;
    s.seen.ours = ours;
    s.seen.theirs = theirs;
    return s;
  };
  seen("mail", true, true);
  EXPECT_EQ(lacks_of(n, {"service mail"}), "");
  seen("web", true, false);
  EXPECT_EQ(lacks_of(n, {"service mail", "service web"}), "service web is only here");
  EXPECT_EQ(lacks_of(n, {"service mail"}), "") << "as our file wants it";
  n.services.pop_back();
  seen("ssh", false, true);
  EXPECT_EQ(lacks_of(n, {"service mail"}), "service ssh is only on lb2");
  EXPECT_EQ(lacks_of(n, {"service mail", "service ssh"}), "") << "as our file wants it";
  n.services.pop_back();
  auto& small = n.services.back();
  small.size = 360;
  small.seen.fits = false;
  small.seen.capacity = 1000;
  small.seen.peer_size = small.seen.peer_capacity = 100;
  EXPECT_EQ(lacks_of(n, {"service mail"}),
            "service mail: 360 of at most 1000 clients here, 100 of at most 100 clients on lb2 (clients_max)");
}

TEST(ClusterFacts, OfRolesAreWithTheirPriorities) {
  cluster_view v;
  sync_status status;
  status.groups = {{"front", role::backup, 100}, {"back", role::active, 0}};
  add_roles(v, "lb2", status);
  EXPECT_EQ(v.roles[0], (cluster_role{"front", "lb2", "backup", 100}));
  EXPECT_EQ(v.roles[1].priority, std::nullopt) << "not known";
}

TEST(ClusterFacts, OfConfigurationsAreTheLinesThatNotAllHave) {
  const std::map<std::string, sync_answer> theirs{{"lb2", {1, true, render_wire(saying("one\nthree\n"))}},
                                                  {"lb3", {1, false, "not connected"}}};
  EXPECT_THAT(differences_of("lb1", {{"lb2", {"one", "two"}}, {"lb3", {"two"}}}, theirs),
              ElementsAre(cluster_difference{"lb1", "two"}, cluster_difference{"lb2", "three"}));
}

TEST(ClusterFacts, LinesOfAServiceHaveItsNameInFront) {
  EXPECT_THAT(lines_of("node lb1\n\nservice a\ntimeout 5s\n\nservice b\ntimeout 5s\n"),
              ElementsAre("node lb1", "service a", "service a timeout 5s", "service b", "service b timeout 5s"));
}

TEST(ClusterFacts, AConfigurationsHashIsThatOfItsLinesWhateverTheirOrder) {
  EXPECT_EQ(hash_of(lines_of("one\ntwo\n")), hash_of(lines_of("two\none\n")));
  EXPECT_NE(hash_of(lines_of("one\ntwo\n")), hash_of(lines_of("one\n")));
  EXPECT_EQ(hash_of({"one", "two"}), identity_hash("one\ntwo\n"));
}

// `on lb1 priority 200` and `on lb2 peer a` are meant to differ.
TEST(ClusterFacts, ANodeShouldHaveWhatTheFileSaysToIt) {
  const std::map<std::string, config_lines> file{{"lb1", {"common", "priority 200"}}, {"lb2", {"common", "peer a"}}};
  EXPECT_EQ(expected_of("lb2", {"common", "priority 200"}, "lb1", file), (config_lines{"common", "peer a"}));
}

TEST(ClusterFacts, ANodeShouldHaveWhatWasChangedHereSinceTheFileWasRead) {
  const std::map<std::string, config_lines> file{{"lb1", {"old", "priority 200"}}, {"lb2", {"old", "peer a"}}};
  EXPECT_EQ(expected_of("lb2", {"new", "priority 200"}, "lb1", file), (config_lines{"new", "peer a"}));
}

TEST(ClusterFacts, ANodeOfWhichTheFileSaysNothingShouldHaveWhatWeHave) {
  EXPECT_EQ(expected_of("lb2", {"one"}, "lb1", {}), (config_lines{"one"}));
  EXPECT_EQ(expected_of("lb2", {"one"}, "lb1", {{"lb1", {"two"}}}), (config_lines{"one"}));
}

TEST(ClusterFacts, OfACommandAreDoneOnlyWhenAllHaveDoneIt) {
  const auto all = gathered("lb1", {}, {{"lb2", {1, true, render_wire({})}}});
  EXPECT_EQ(all.is, verdict::done);
  EXPECT_EQ(all.pen, "lb1: done\nlb2: done\n");
  const auto some = gathered(
      "lb1", saying("7"),
      {{"lb2", {1, false, render_wire(refused("no such server"))}}, {"lb3", {1, false, "no answer within 10 s"}}});
  EXPECT_EQ(some.is, verdict::refused);
  EXPECT_EQ(some.message, "not done on lb2: no such server; on lb3: no answer within 10 s");
  EXPECT_THAT(some.pen, HasSubstr("lb1: 7"));
}

reply of_servers(std::vector<column> columns, std::vector<boost::json::value> row) {
  return {.tables = {{"servers", std::move(columns), {std::move(row)}}}, .pen = "what Pen would say"};
}

TEST(ClusterFacts, OfTablesAreOneTableWithTheNodeInFront) {
  const reply all = gathered("lb1", of_servers({{"name"}, {"sent", unit::bytes}}, {"web-1", 7}),
                             {{"lb2", {1, true, render_wire(of_servers({{"name"}, {"sent"}}, {"web-2", 2048}))}}});
  EXPECT_EQ(render_text(all, false), "NODE  NAME      SENT\nlb1   web-1      7 B\nlb2   web-2  2.0 KiB\n");
  EXPECT_EQ(render_pen(all), render_text(all, false));
}

TEST(ClusterFacts, OfTablesThatNameTheNodeNameItOnce) {
  const reply all = gathered("lb1", of_servers({{"name"}, {"node"}}, {"web-1", nullptr}), {});
  EXPECT_EQ(render_text(all, false), "NODE  NAME\nlb1   web-1\n");
}

TEST(ClusterFacts, OfAnotherVersionsTableAreTheColumnsThatWeKnow) {
  const reply all = gathered("lb1", of_servers({{"name"}, {"sent"}}, {"web-1", 7}),
                             {{"lb2", {1, true, render_wire(of_servers({{"new"}, {"name"}}, {1, "web-2"}))}}});
  EXPECT_EQ(render_objects(all), R"({"verdict":"done","servers":[{"node":"lb1","name":"web-1","sent":7},)"
                                 R"({"node":"lb2","name":"web-2","sent":null}]})"
                                 "\n");
}

TEST(ClusterFacts, OfLinesAreOneRowEach) {
  const reply all = gathered("lb1", saying("one\ntwo\n"), {{"lb2", {1, true, render_wire(saying("3\n"))}}});
  EXPECT_EQ(render_text(all, false), "NODE  DONE  ANSWER\nlb1   yes   one\nlb1   yes   two\nlb2   yes   3\n");
  EXPECT_EQ(all.pen, "lb1: one\nlb1: two\nlb2: 3\n");
}

TEST(ClusterFacts, OfTablesAndARefusalAreBoth) {
  const reply some = gathered("lb1", of_servers({{"name"}}, {"web-1"}), {{"lb2", {1, false, "not connected"}}});
  EXPECT_EQ(some.is, verdict::refused);
  EXPECT_EQ(
      render_objects(some),
      R"({"verdict":"refused","message":"not done on lb2: not connected",)"
      R"("answers":[{"node":"lb2","done":false,"answer":"not connected"}],"servers":[{"node":"lb1","name":"web-1"}]})"
      "\n");
}

}  // namespace
}  // namespace holdfast
