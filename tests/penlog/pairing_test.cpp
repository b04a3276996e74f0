#include "penlog/pairing.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;

std::string web(const std::string& host, const std::string& path) { return host + " \"GET " + path + "\" 200"; }

struct farm {
  explicit farm(const pairing::limits& most = {}) : lines(most) {}

  void hear(const std::string& text, const std::string& sender = "10.0.1.1") { lines.hear(text, sender, now); }
  std::string written() {
    std::string out;
    lines.take(out, now);
    return out;
  }
  pairing lines;
  instant now{};
};

TEST(Pairing, PutsTheClientInPlaceOfTheBalancer) {
  farm f;
  f.hear("+ 192.0.2.7 10.0.1.1 GET /\n", "10.0.0.1");
  f.hear(web("10.0.0.1", "/") + "\n");
  EXPECT_EQ(f.written(), web("192.0.2.7", "/") + "\n");
  EXPECT_EQ(f.lines.seen().named, 1U);
  EXPECT_EQ(f.lines.deadline(), std::nullopt);
}

TEST(Pairing, TakesSomeLinesAtATime) {
  farm f;
  f.hear("+ a 10.0.1.1 GET /1\n+ b 10.0.1.1 GET /2");
  f.hear(web("h", "/2") + "\n" + web("h", "/1"));
  EXPECT_EQ(f.written(), web("b", "/2") + "\n" + web("a", "/1") + "\n");
}

TEST(Pairing, LetsALineWaitForItsBalancersAndThoseBehindIt) {
  farm f;
  f.hear("+ b 10.0.1.1 GET /b");
  f.hear(web("h", "/a"));
  f.hear(web("h", "/b"));
  EXPECT_EQ(f.written(), "");
  EXPECT_EQ(f.lines.deadline(), instant(2s));
  f.now += 1s;
  f.hear("+ a 10.0.1.1 GET /a");
  EXPECT_EQ(f.written(), web("a", "/a") + "\n" + web("b", "/b") + "\n");
}

TEST(Pairing, WritesALinesOwnTextWhenNobodyIsKnownToHaveAsked) {
  farm f;
  f.hear(web("10.0.0.1", "/"));
  f.now += 2s;
  EXPECT_EQ(f.written(), web("10.0.0.1", "/") + "\n");
  EXPECT_EQ(f.lines.seen().unnamed, 1U);
}

TEST(Pairing, GivesLinesOfOneRequestTheirClientsInOrder) {
  farm f;
  f.hear(web("h", "/"));
  f.hear(web("h", "/"));
  f.hear("+ a 10.0.1.1 GET /");
  f.hear("+ b 10.0.1.1 GET /");
  f.hear("+ c 10.0.1.1 GET /");
  f.hear(web("h", "/"));
  EXPECT_EQ(f.written(), web("a", "/") + "\n" + web("b", "/") + "\n" + web("c", "/") + "\n");
}

TEST(Pairing, TellsConnectionsApartInWhateverOrderTheyAreLogged) {
  farm f;
  f.hear("+ a 10.0.1.1 GET /\t10.0.0.1:1001");
  f.hear(web("10.0.0.1:1002", "/"));
  f.hear("+ b 10.0.1.1 GET /\t10.0.0.1:1002");
  f.hear(web("10.0.0.1:1001", "/"));
  EXPECT_EQ(f.written(), web("b", "/") + "\n" + web("a", "/") + "\n");
}

TEST(Pairing, KnowsAConnectionsClientWhereNoLineTellsOfTheRequest) {
  farm f;
  f.hear("+ a 10.0.1.1 TLS-hello\t10.0.0.1:1001");
  f.hear(web("10.0.0.1:1001", "/"));
  EXPECT_EQ(f.written(), "");
  f.now += 2s;
  EXPECT_EQ(f.written(), web("a", "/") + "\n");
}

TEST(Pairing, ServesTwoServersThatAreAskedForTheSame) {
  farm f;
  f.hear("+ a 10.0.1.1 GET /");
  f.hear("+ b fd00::2 GET /");
  f.hear(web("h", "/"), "fd00::2");
  f.hear("@10.0.1.1 " + web("h", "/"), "127.0.0.1");
  EXPECT_EQ(f.written(), web("b", "/") + "\n" + web("a", "/") + "\n");
}

TEST(Pairing, CountsWhatItRefuses) {
  farm f;
  EXPECT_EQ(f.lines.hear("nonsense\n+ a\n", "10.0.1.1", f.now), penlog_error::no_balancer_line);
  EXPECT_EQ(f.lines.hear("", "10.0.1.1", f.now), penlog_error::empty);
  EXPECT_EQ(f.lines.seen().refused, 3U);
  EXPECT_EQ(f.written(), "");
}

TEST(Pairing, WaitsWithinItsMemory) {
  farm f({.lines = 10, .patience = 1h, .waiting = 100'000});
  for (int i = 0; i < 10'000; ++i) f.hear(web("h", "/" + std::to_string(i)));
  const std::string early = f.written();
  EXPECT_TRUE(early.starts_with(web("h", "/0") + "\n"));
  EXPECT_FALSE(early.ends_with(web("h", "/9999") + "\n"));
  std::string rest;
  f.lines.take_all(rest, f.now);
  EXPECT_TRUE(rest.ends_with(web("h", "/9999") + "\n"));
  EXPECT_EQ(f.lines.seen().unnamed, 10'000U);
}

// Clients with the same wishes, on connections that come and go; every fifth line of a balancer is late.
TEST(Pairing, NamesTheRightClientInEveryLine) {
  farm f({.lines = 1000, .patience = 2s});
  std::string expected;
  std::vector<std::string> late;
  for (int i = 0; i < 10'000; ++i) {
    const std::string client = "c" + std::to_string(i % 4 + i / 1000);
    const std::string from = "10.0.0.1:" + std::to_string(1001 + i % 40 + i / 1000 * 40);
    const std::string told = "+ " + client + " 10.0.1.1 GET /" + std::to_string(i % 3) + "\t" + from;
    if (i % 5 == 0)
      late.push_back(told);
    else
      f.hear(told);
    f.hear(web(from, "/" + std::to_string(i % 3)));
    if (i % 35 == 34) {
      for (const auto& line : late) f.hear(line);
      late.clear();
    }
    expected += web(client, "/" + std::to_string(i % 3)) + "\n";
  }
  for (const auto& line : late) f.hear(line);
  EXPECT_EQ(f.written(), expected);
}

}  // namespace
}  // namespace holdfast
