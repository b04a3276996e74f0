// Changes while connections run: drain, enable, weights, servers that come and go, the client's table, stop.
#include <csignal>

#include "tests/lab/scene.h"

namespace holdfast::lab {
namespace {

const std::string web = "service web\nlisten 192.0.2.80:80\n";

answers crowd_of(testbed& bed, int first, int count) {
  const std::vector<address> all = testbed::clients4(first + count);
  return ask_all(bed.crowd(), {all.begin() + first, all.end()}, testbed::service4());
}

TEST(Drain, KeepsTheClientsOfTheServerAndBringsNoNewOnes) {
  testbed bed(3);
  watched_balancer lb(bed, web + bed.servers4());
  const answers before = crowd_of(bed, 0, 60);
  lb.tell("service web server 1 drain");
  EXPECT_EQ(differences(before, crowd_of(bed, 0, 60)), 0);
  EXPECT_EQ(count_by_server(crowd_of(bed, 100, 60)).count("s1"), 0U);
  lb.tell("service web server 1 enable");
  EXPECT_EQ(count_by_server(crowd_of(bed, 200, 60)).count("s1"), 1U);
}

TEST(Blacklist, KeepsClientsAwayUntilItIsLifted) {
  testbed bed(2);
  watched_balancer lb(bed, web + bed.servers4());
  lb.tell("service web server 0 blacklist 60");
  EXPECT_THAT(count_by_server(crowd_of(bed, 0, 20)), ::testing::ElementsAre(::testing::Pair("s1", 20)));
  lb.tell("service web server 0 blacklist 0");
  EXPECT_EQ(count_by_server(crowd_of(bed, 100, 20)).count("s0"), 1U);
}

TEST(Weight, ChangedWhileRunningMovesNewConnections) {
  testbed bed(2);
  watched_balancer lb(bed, web + "roundrobin\nweight\n" + bed.servers4("weight 1"));
  lb.tell("service web server 1 weight 4");
  std::vector<conversation> held;
  std::map<std::string, int> count;
  for (const address& client : testbed::clients4(50)) {
    held.emplace_back(bed.crowd(), client, testbed::service4());
    ++count[held.back().get()];
  }
  EXPECT_EQ(count["s0"], 10);
  EXPECT_EQ(count["s1"], 40);
}

TEST(Server, AddedAtRunTimeServesAndDisturbsNobody) {
  testbed bed(3);
  watched_balancer lb(bed, web + "server 0 address " + bed.server(0).address4() + " port 80\nserver 1 address " +
                               bed.server(1).address4() + " port 80\n");
  conversation running(bed.crowd(), at("10.9.9.9"), testbed::service4());
  const std::string met = running.get();
  const answers before = crowd_of(bed, 0, 60);
  lb.tell("service web server 2 address " + bed.server(2).address4() + " port 80");
  EXPECT_EQ(count_by_server(crowd_of(bed, 100, 60)).count("s2"), 1U);
  EXPECT_EQ(differences(before, crowd_of(bed, 0, 60)), 0);
  EXPECT_EQ(running.get(), met);
}

TEST(Server, RemovedAtRunTimeTakesOnlyItsOwnConnectionsWithItAndNotAtOnce) {
  testbed bed(3);
  watched_balancer lb(bed, web + bed.servers4());
  std::map<std::string, conversation> held;
  for (const address& client : testbed::clients4(9)) {
    conversation c(bed.crowd(), client, testbed::service4());
    const std::string server = c.get();
    held.insert_or_assign(server, std::move(c));
  }
  ASSERT_EQ(held.size(), 3U);
  lb.tell("service web no server 1 after 1s");
  for (const std::string server : {"s0", "s1", "s2"}) EXPECT_EQ(held.at(server).get(), server);
  EXPECT_TRUE(eventually([&] { return held.at("s1").get().front() == '('; }));
  for (const std::string server : {"s0", "s2"}) EXPECT_EQ(held.at(server).get(), server);
  EXPECT_EQ(count_by_server(crowd_of(bed, 0, 60)).count("s1"), 0U);
}

TEST(Stop, LetsRunningConnectionsEndAndTakesNoNewOnes) {
  testbed bed(2);
  watched_balancer lb(bed, web + bed.servers4(), {.arguments = {"--drain", "20"}, .files = 0});
  conversation running(bed.crowd(), at("10.9.0.1"), testbed::service4());
  const std::string met = running.get();
  lb.program().kill(SIGTERM);
  EXPECT_TRUE(eventually([&] { return bed.ask(at("10.9.0.2")) == "(refused)"; }));
  EXPECT_EQ(running.get(), met);
  EXPECT_TRUE(lb.program().running());
  running.finish();
  EXPECT_EQ(lb.program().wait(10s), std::optional(0));
}

TEST(Stop, IsNotUndoneByAChangeAReloadOrAnInclude) {
  testbed bed(1);
  const std::string text = web + bed.servers4();
  watched_balancer lb(bed, text, {.arguments = {"--drain", "20"}, .files = 0});
  conversation running(bed.crowd(), at("10.9.0.1"), testbed::service4());
  EXPECT_EQ(running.get(), "s0");
  lb.program().kill(SIGTERM);
  EXPECT_TRUE(eventually([&] { return bed.ask(at("10.9.0.2")) == "(refused)"; }));
  lb.rewrite(text + "blacklist 7\n");
  const std::string more = bed.files().write("more", "service web\nlisten 192.0.2.80:8080\n");
  for (const auto& words : std::vector<std::vector<std::string>>{{"service", "web", "listen", "192.0.2.80:8080"},
                                                                 {"service", "web", "blacklist", "7"},
                                                                 {"reload"},
                                                                 {"include", more}}) {
    const auto said = lb.ctl(words);
    EXPECT_EQ(said.status, 1) << words[0];
    EXPECT_THAT(said.text, ::testing::HasSubstr("stopping")) << words[0];
  }
  lb.hang_up();
  EXPECT_TRUE(eventually([&] {
    return lb.program().output().find("reload=refused why=\"the balancer is stopping") != std::string::npos;
  }));
  EXPECT_EQ(bed.ask(at("10.9.0.2")), "(refused)");
  EXPECT_EQ(ask(bed.crowd(), at("10.9.0.2"), testbed::service4(8080)), "(refused)");
  EXPECT_EQ(lb.ctl({"status"}).status, 0);
  EXPECT_EQ(running.get(), "s0");
  running.finish();
  EXPECT_EQ(lb.program().wait(10s), std::optional(0));
}

TEST(Stop, ClosesWhatStillRunsWhenTheTimeToDrainIsOver) {
  testbed bed(1);
  watched_balancer lb(bed, web + bed.servers4(), {.arguments = {"--drain", "1"}, .files = 0});
  conversation running(bed.crowd(), at("10.9.0.1"), testbed::service4());
  EXPECT_EQ(running.get(), "s0");
  lb.program().kill(SIGTERM);
  EXPECT_EQ(lb.program().wait(10s), std::optional(0));
  EXPECT_THAT(running.get(), ::testing::StartsWith("("));
}

}  // namespace
}  // namespace holdfast::lab
