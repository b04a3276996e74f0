// A browser opens six connections at once: all of a client's first connections meet one server.
#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/lab/scene.h"

namespace holdfast::lab {
namespace {

constexpr int crowd = 1000;
const std::string room = "clients_max 4000\nconn_max 5000\nbacklog 4000\ntimeout 1s\n";
const std::string web = "service web\nlisten 192.0.2.80:80\nlisten [2001:db8::80]:80\n" + room;

// How many clients met exactly one server.
int faithful(const std::map<address, std::set<std::string>>& met) {
  return static_cast<int>(std::count_if(met.begin(), met.end(), [](const auto& one) {
    return one.second.size() == 1 && one.second.begin()->front() == 's';
  }));
}

void expect_all_faithful(testbed& bed, const std::vector<address>& clients, const endpoint& to) {
  const auto met = ask_in_parallel(bed.crowd(), clients, to);
  EXPECT_EQ(faithful(met), static_cast<int>(clients.size()));
  for (const auto& [client, servers] : met) {
    if (servers.size() == 1 && servers.begin()->front() == 's') continue;
    ADD_FAILURE() << client.text() << " met " << ::testing::PrintToString(servers);
    return;
  }
}

TEST(Parallel, FirstConnectionsOfAClientMeetOneServer) {
  testbed bed(3);
  watched_balancer lb(bed, web + bed.servers4());
  expect_all_faithful(bed, testbed::clients4(crowd), testbed::service4());
  expect_all_faithful(bed, testbed::clients6(crowd), testbed::service6());
  EXPECT_EQ(lb.tell("service web servers").find(" 0 0 0"), std::string::npos);
}

TEST(Parallel, FirstConnectionsOfAClientMeetOneServerWhileOneRefuses) {
  testbed bed(3);
  watched_balancer lb(bed, web + "blacklist 0\n" + bed.servers4());  // each client runs into it
  bed.server(1).kill();
  expect_all_faithful(bed, testbed::clients4(crowd), testbed::service4());
  expect_all_faithful(bed, testbed::clients6(crowd), testbed::service6());
}

TEST(Parallel, FirstConnectionsOfAClientMeetOneServerWhileOneIsCutOff) {
  testbed bed(3);
  watched_balancer lb(bed, web + bed.servers4());
  bed.net().cut(bed.server(1).machine());
  expect_all_faithful(bed, testbed::clients4(crowd), testbed::service4());
}

TEST(Parallel, FirstConnectionsOfAClientMeetOneServerThroughReloads) {
  testbed bed(3);
  watched_balancer lb(bed, web + bed.servers4());
  std::atomic<bool> done = false;
  std::thread reloads([&] {
    for (int i = 0; !done; ++i) {
      lb.rewrite(web + bed.servers4() + "idle_timeout " + std::to_string(60 + i % 2) + "\n");
      lb.hang_up();
      std::this_thread::sleep_for(20ms);
    }
  });
  expect_all_faithful(bed, testbed::clients4(crowd), testbed::service4());
  done = true;
  reloads.join();
}

// Each server has room for some: who comes when one is full goes to another, with all of its connections.
TEST(Parallel, FirstConnectionsOfAClientMeetOneServerWhenServersAreFull) {
  testbed bed(3);
  watched_balancer lb(bed, web + bed.servers4(" max 220 hard 4000"));
  expect_all_faithful(bed, testbed::clients4(crowd), testbed::service4());
}

}  // namespace
}  // namespace holdfast::lab
