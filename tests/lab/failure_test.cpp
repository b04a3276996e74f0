// Servers that die, hang, are cut off, and come back.
#include <algorithm>
#include <memory>

#include "tests/lab/scene.h"

namespace holdfast::lab {
namespace {

const std::string web = "service web\nlisten 192.0.2.80:80\n";
constexpr const char* quick_check = "check http / every 200ms rise 2 fall 2\n";

std::map<std::string, int> crowd_of(testbed& bed, int first, int count) {
  const std::vector<address> all = testbed::clients4(first + count);
  return count_by_server(ask_all(bed.crowd(), {all.begin() + first, all.end()}, testbed::service4()));
}

// Only the clients of `gone` met somebody else.
void expect_others_stay(const answers& before, const answers& after, const std::string& gone) {
  for (const auto& [client, server] : before) {
    if (server == gone) {
      EXPECT_THAT(after.at(client), ::testing::AllOf(::testing::StartsWith("s"), ::testing::Ne(gone))) << client.text();
    } else {
      EXPECT_EQ(after.at(client), server) << client.text();
    }
  }
}

TEST(Server, LosesItsClientsAndNoOneElsesWhenKilled) {
  testbed bed(3);
  watched_balancer lb(bed, web + bed.servers4());
  const std::vector<address> clients = testbed::clients4(150);
  const answers before = ask_all(bed.crowd(), clients, testbed::service4(), 1);
  bed.server(1).kill();
  const answers after = ask_all(bed.crowd(), clients, testbed::service4(), 2);
  expect_others_stay(before, after, "s1");
  EXPECT_EQ(differences(after, ask_all(bed.crowd(), clients, testbed::service4(), 3)), 0);
}

TEST(Server, IsFoundHungByTheCheckAlthoughItsKernelStillTakesConnections) {
  testbed bed(3);
  watched_balancer lb(bed, web + quick_check + bed.servers4());
  const std::vector<address> clients = testbed::clients4(90);
  const answers before = ask_all(bed.crowd(), clients, testbed::service4(), 1);
  const auto victim = std::find_if(before.begin(), before.end(), [](const auto& one) { return one.second == "s2"; });
  ASSERT_NE(victim, before.end());
  bed.server(2).freeze();
  const bool moved = eventually(
      [&] {
        const std::string now = ask(bed.crowd(), victim->first, testbed::service4(), 500ms);
        return now == "s0" || now == "s1";
      },
      15s);
  EXPECT_TRUE(moved);
  const answers after = ask_all(bed.crowd(), clients, testbed::service4(), 2);
  expect_others_stay(before, after, "s2");
}

TEST(Server, GetsNewClientsAgainWhenItReturns) {
  testbed bed(3);
  watched_balancer lb(bed, web + quick_check + "blacklist 1\n" + bed.servers4());
  bed.server(0).kill();
  EXPECT_EQ(crowd_of(bed, 0, 30).count("s0"), 0U);
  bed.server(0).start();
  int next = 100;
  EXPECT_TRUE(eventually([&] { return crowd_of(bed, next += 10, 10).contains("s0"); }, 10s));
}

TEST(Server, ThatIsFrozenAndThawedServesAsIfNothingHadBeen) {
  testbed bed(2);
  watched_balancer lb(bed, web + quick_check + "blacklist 1\n" + bed.servers4());
  bed.server(1).freeze();
  EXPECT_TRUE(eventually([&] { return lb.tell("servers").find("down") != std::string::npos; }, 10s));
  bed.server(1).thaw();
  int next = 100;
  EXPECT_TRUE(eventually([&] { return crowd_of(bed, next += 10, 10).contains("s1"); }, 10s));
}

TEST(Server, BehindACutCableCostsItsClientsOneConnectTimeout) {
  testbed bed(3);
  watched_balancer lb(bed, web + "timeout 500ms\n" + bed.servers4());
  const std::vector<address> clients = testbed::clients4(90);
  const answers before = ask_all(bed.crowd(), clients, testbed::service4(), 1);
  bed.net().cut(bed.server(0).machine());
  const answers after = ask_all(bed.crowd(), clients, testbed::service4(), 2);
  expect_others_stay(before, after, "s0");
}

TEST(Server, ThatDiesCostsOnlyTheRequestsInsideIt) {
  testbed bed(3);
  watched_balancer lb(bed, web + bed.servers4());
  ASSERT_EQ(crowd_of(bed, 10, 10).size(), 3U);
  std::vector<std::unique_ptr<prober>> probers;
  for (const address& client : testbed::clients4(6))
    probers.push_back(std::make_unique<prober>(bed.crowd(), client, testbed::service4()));
  const auto each_asked = [&](int times) {
    return eventually([&] {
      return std::all_of(probers.begin(), probers.end(), [=](const auto& p) { return p->asked() >= times; });
    });
  };
  EXPECT_TRUE(each_asked(20));
  bed.server(0).kill();  // its port refuses from now on: connects go on to the next server within the request
  EXPECT_TRUE(each_asked(probers[0]->asked() + 30));
  int failed = 0;
  for (const auto& p : probers) failed += p->stop().failed;
  EXPECT_LE(failed, 3);  // of those whose clients were at this server at that moment
}

TEST(Server, OfTheLastResortServesWhenNoOtherIsLeft) {
  testbed bed(3);
  watched_balancer lb(bed, web + "blacklist 1\nemergency " + bed.server(2).address4() + ":80\nserver 0 address " +
                               bed.server(0).address4() + " port 80\nserver 1 address " + bed.server(1).address4() +
                               " port 80\n");
  EXPECT_EQ(crowd_of(bed, 0, 30).count("s2"), 0U);
  bed.server(0).kill();
  bed.server(1).kill();
  EXPECT_THAT(crowd_of(bed, 0, 30), ::testing::ElementsAre(::testing::Pair("s2", 30)));
  bed.server(0).start();
  int next = 100;
  EXPECT_TRUE(eventually([&] { return crowd_of(bed, next += 10, 10).contains("s0"); }, 10s));
}

}  // namespace
}  // namespace holdfast::lab
