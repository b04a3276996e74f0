// Active checks of a running balancer, end to end: what is asked, of whom, and what becomes of the answers.
#include "tests/lab/bulk.h"
#include "tests/lab/scene.h"

namespace holdfast::lab {
namespace {

const std::string web = "service web\nlisten 192.0.2.80:80\n";

std::map<std::string, int> crowd_of(testbed& bed, int first, int count) {
  const std::vector<address> all = testbed::clients4(first + count);
  return count_by_server(ask_all(bed.crowd(), {all.begin() + first, all.end()}, testbed::service4()));
}

bool says(balancer& lb, const std::string& what) {
  return eventually([&] { return lb.program().output().find(what) != std::string::npos; }, 10s);
}

TEST(Check, AsksAServerWithoutPortAtThePortOfAListenerThatHasOne) {
  testbed bed(1);
  const std::string socket = "listen " + (bed.files().path() / "front.sock").string() + "\n";
  watched_balancer lb(bed, "service web\n" + socket + "listen 192.0.2.80:80\nserver 0 address " +
                               bed.server(0).address4() + "\ncheck http / every 100ms rise 1 fall 1\n");
  bed.server(0).kill();
  EXPECT_TRUE(says(lb, "server=0 state=down"));
  bed.server(0).start();
  EXPECT_TRUE(says(lb, "server=0 state=up"));
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s0");
}

TEST(Check, LooksAfterServersBehindUnixSocketsToo) {
  testbed bed(1);
  const std::string path = bed.files().path() / "back.sock";
  watched_balancer lb(bed, web + "check tcp every 100ms rise 1 fall 1\nserver u address " + path + "\n");
  EXPECT_TRUE(says(lb, "server=u state=down"));
  const listener opened(bed.front(), endpoint{.host = {}, .port = 0, .path = path});
  EXPECT_TRUE(says(lb, "server=u state=up"));
}

// Nobody else is there, and the check finds it alive: a connect that failed is forgotten soon, not after 30 seconds.
TEST(Server, ThatIsTheLastServesAsSoonAsItIsBack) {
  testbed bed(1);
  watched_balancer lb(bed, web + "check http / every 1s rise 1 fall 3\n" + bed.servers4());
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s0");
  bed.server(0).kill();
  EXPECT_THAT(bed.ask(at("10.9.0.1")), ::testing::StartsWith("("));
  bed.server(0).start();
  EXPECT_TRUE(eventually([&] { return bed.ask(at("10.9.0.1")) == "s0"; }, 3s));
}

// With others to go to it stays blacklisted, until a check that began after the failure passes.
TEST(Blacklist, AfterAFailedConnectEndsWhenACheckPasses) {
  testbed bed(2);
  watched_balancer lb(bed, web + "check http / every 1s rise 1 fall 5\nprio\n" + bed.servers4());
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s0");
  bed.server(0).kill();
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s1");
  EXPECT_THAT(lb.tell("servers"), ::testing::HasSubstr("blacklisted"));
  bed.server(0).start();
  int next = 0;
  EXPECT_TRUE(eventually([&] { return crowd_of(bed, ++next, 1).contains("s0"); }, 5s));
}

// The other half of the servers is drained, so it does not count.
TEST(Panic, UsesTheServerThatChecksCallDeadWhenAllOthersAreDrained) {
  testbed bed(2);
  watched_balancer lb(bed, web + "check http / expect 500-599 every 100ms rise 1 fall 1\n" + bed.servers4());
  EXPECT_TRUE(says(lb, "server=0 state=down at=10.0.1.11:"));
  EXPECT_TRUE(says(lb, "server=1 state=down at=10.0.1.12:"));
  EXPECT_TRUE(says(lb, "panic=on"));
  EXPECT_EQ(crowd_of(bed, 0, 20).size(), 2U);
  lb.tell("service web server 0 drain");
  EXPECT_THAT(crowd_of(bed, 100, 20), ::testing::ElementsAre(::testing::Pair("s1", 20)));
  lb.tell("service web check http / expect 2xx every 100ms rise 1 fall 1");
  EXPECT_TRUE(says(lb, "panic=off"));
  EXPECT_THAT(crowd_of(bed, 200, 20), ::testing::ElementsAre(::testing::Pair("s1", 20)));
}

// One server is drained and alive, the other one called dead: new clients have nobody but the latter.
TEST(Panic, DoesNotCountADrainedServer) {
  testbed bed(2);
  watched_balancer lb(bed, web + "check tcp every 100ms rise 1 fall 1\nblacklist 0\n" + bed.servers4());
  lb.tell("service web server 0 drain");
  bed.server(1).kill();
  EXPECT_TRUE(says(lb, "server=1 state=down"));
  EXPECT_TRUE(says(lb, "panic=on"));
}

// s0 goes away and comes back, in three ways; each time few of the new clients meet it at first.
TEST(SlowStart, HoldsForEveryKindOfReturn) {
  testbed bed(2);
  watched_balancer lb(bed,
                      web + "check http / every 100ms rise 1 fall 1\nroundrobin\nslow_start 60\n" + bed.servers4());
  int next = 0;
  const auto share = [&] { return crowd_of(bed, next += 200, 200)["s0"]; };
  EXPECT_EQ(share(), 100);
  const auto returns_gently = [&] {
    const int met = share();
    EXPECT_LE(met, 70);
    EXPECT_GE(met, 1);
  };
  lb.tell("service web server 0 drain");
  EXPECT_EQ(share(), 0);
  lb.tell("service web server 0 enable");
  returns_gently();
  lb.tell("service web server 0 blacklist 60");
  EXPECT_EQ(share(), 0);
  lb.tell("service web server 0 blacklist 0");
  returns_gently();
  bed.server(0).kill();
  EXPECT_TRUE(says(lb, "server=0 state=down"));
  EXPECT_EQ(share(), 0);
  bed.server(0).start();
  EXPECT_TRUE(says(lb, "server=0 state=up"));
  returns_gently();
}

}  // namespace
}  // namespace holdfast::lab
