// A server that is gone without a word: what becomes of the connections to it.
#include "tests/lab/scene.h"

namespace holdfast::lab {
namespace {

// Only the silence of a check tells: nothing refuses.
const std::string web = "service web\nlisten 192.0.2.80:80\ncheck tcp every 500ms rise 1 fall 2\n";

// A keep-alive connection that has been answered once, and by whom.
struct served {
  served(testbed& bed, const std::string& client)
      : with(bed.crowd(), at(client), testbed::service4(), 40s), by(with.get()) {}
  conversation with;
  std::string by;
};

bool says(balancer& lb, const std::string& what) {
  return eventually([&] { return lb.program().output().find(what) != std::string::npos; }, 20s);
}

TEST(ServerDown, ResetsTheConnectionsOnWhichNothingHasComeSince) {
  testbed bed(2);
  watched_balancer lb(bed, web + bed.servers4());
  served idle(bed, "10.9.0.1"), waiting(bed, "10.9.0.1");
  ASSERT_EQ(idle.by, waiting.by);
  std::vector<served> others;
  for (int i = 2; others.empty() && i < 50; ++i) {
    served one(bed, "10.9.0." + std::to_string(i));
    if (one.by != idle.by) others.push_back(std::move(one));
  }
  ASSERT_EQ(others.size(), 1U);
  bed.net().cut(bed.server(idle.by == "s0" ? 0 : 1).machine());
  const auto cut_at = std::chrono::steady_clock::now();
  EXPECT_TRUE(waiting.with.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(waiting.with.receive(1), "");
  EXPECT_EQ(waiting.with.trouble(), "(reset)");
  EXPECT_EQ(idle.with.receive(1), "");
  EXPECT_EQ(idle.with.trouble(), "(reset)");
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - cut_at;
  std::printf("[  figure  ] both connections to a server without power were reset after %.1f s\n", took.count());
  EXPECT_EQ(others.front().with.get(), others.front().by);
  EXPECT_EQ(bed.ask(at("10.9.0.1")), others.front().by);
}

TEST(ServerDown, KeepsThemWhenItIsBackInTime) {
  testbed bed(1);
  watched_balancer lb(bed, web + bed.servers4());
  served idle(bed, "10.9.0.1"), waiting(bed, "10.9.0.1");
  bed.net().cut(bed.server(0).machine());
  EXPECT_TRUE(waiting.with.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_TRUE(says(lb, "server=0 state=down"));
  bed.net().heal(bed.server(0).machine());
  EXPECT_TRUE(says(lb, "server=0 state=up"));
  EXPECT_NE(waiting.with.receive(1), "") << waiting.with.trouble();
  EXPECT_EQ(idle.with.get(), "s0");
}

}  // namespace
}  // namespace holdfast::lab
