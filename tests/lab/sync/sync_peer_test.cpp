// Who holds the key is one of us, and may still be broken; who doesn't hold it is nobody. In either case the balancer
// lives, its memory stays bounded, what its clients have been given stays, and it says why it has hung up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "tests/lab/sync/cluster.h"
#include "tests/lab/sync/intruder.h"

namespace holdfast::lab {
namespace {

constexpr std::size_t mebibyte = 1 << 20;
constexpr std::size_t most_memory = 64 * mebibyte;  // that somebody else may cost: a full table of 200,000 is 13 MiB

const endpoint channel = at("10.0.9.11", 7700);

// lb1 alone serves, and 300 clients have a server; somebody takes the place of lb2.
class Hostile : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster_.start(1);
    ASSERT_TRUE(cluster_.serves(1)) << cluster_.scene().said();
    before_ = cluster_.visit(cluster_.strangers(300));
    EXPECT_EQ(served(before_).size(), 300U);
    memory_ = memory();
  }
  void TearDown() override {
    const answers after = cluster_.visit(served(before_));
    EXPECT_TRUE(compare(before_, after).whole()) << strays(before_, after) << cluster_.scene().said();
    ASSERT_TRUE(cluster_.lb(1).balancer().running()) << cluster_.scene().said();
    const std::size_t now = memory();
    std::printf("[  figure  ] %s: the balancer's memory went from %.1f to %.1f MiB\n",
                ::testing::UnitTest::GetInstance()->current_test_info()->name(), in_mebibytes(memory_),
                in_mebibytes(now));
    EXPECT_LT(now, memory_ + most_memory);
  }

  static double in_mebibytes(std::size_t bytes) { return static_cast<double>(bytes) / mebibyte; }
  std::size_t memory() { return cluster_.lb(1).balancer().first().anonymous_memory(); }
  std::string log() { return cluster_.lb(1).balancer().output(); }

  // He has said hello as lb2, and that he has the service `web` and its three servers: numbers 1, and 1 to 3.
  std::unique_ptr<intruder> known_one() {
    auto he = std::make_unique<intruder>(cluster_.lb(2).machine(), cluster_.key(), channel);
    EXPECT_TRUE(he->opened()) << cluster_.scene().said();
    he->say(sync_hello{.node = "lb2", .software = "0.0", .incarnation = 42});
    he->say(sync_service{.service = 1, .capacity = 1'000'000, .name = "web"});
    for (const sync_number n : {1U, 2U, 3U})
      he->say(sync_server{.service = 1, .server = n, .identity = "10.0.1.1" + std::to_string(n) + ":80"});
    he->say(sync_resume{.service = "web", .upto = 0});
    EXPECT_TRUE(eventually([&] { return he->heard() > 1; })) << cluster_.scene().said();
    return he;
  }
  static std::vector<sync_entry> many(int count, sync_number server, stamp when) {
    std::vector<sync_entry> all;
    for (int i = 0; i < count; ++i)
      all.push_back({.client = address::v4((11U << 24) + static_cast<std::uint32_t>(i)),
                     .server = server,
                     .assigned = when + static_cast<stamp>(i),
                     .used = when + static_cast<stamp>(i)});
    return all;
  }
  static stamp now() {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return stamp_at(static_cast<unix_ms>(std::chrono::duration_cast<std::chrono::milliseconds>(since).count()));
  }
  void expect_hung_up(intruder& he, const std::string& why) {
    EXPECT_TRUE(he.ended()) << cluster_.scene().said();
    EXPECT_TRUE(eventually([&] { return log().find(why) != std::string::npos; })) << why << '\n' << log();
  }

  cluster cluster_;
  answers before_;
  std::size_t memory_ = 0;
};

TEST_F(Hostile, WithoutTheKeyNoByteIsParsed) {
  const auto other = cluster_.scene().files().write("other.key", std::string(64, 'a') + '\n');
  std::filesystem::permissions(other, std::filesystem::perms(0600));
  intruder he(cluster_.lb(2).machine(), other, channel);
  EXPECT_FALSE(he.opened());
  EXPECT_TRUE(he.ended());
  EXPECT_EQ(he.heard(), 0);
  EXPECT_TRUE(eventually([&] { return log().find("doesn't hold the same cluster key") != std::string::npos; }))
      << log();
}

TEST_F(Hostile, WithoutTlsNobodyIsHeard) {
  conversation plain(cluster_.lb(2).machine(), address(), channel);
  plain.send("GET / HTTP/1.1\r\nHost: lb1\r\n\r\n" + std::string(100'000, 'x'));
  plain.receive_all();
  EXPECT_THAT(plain.trouble(), ::testing::AnyOf("(closed)", "(reset)"));
}

TEST_F(Hostile, AThousandSilentCallersKeepNobodyOut) {
  std::vector<conversation> silent;
  for (int i = 0; i < 1000; ++i) silent.emplace_back(cluster_.lb(2).machine(), address(), channel);
  const auto he = known_one();
  EXPECT_GT(he->heard(), 1);
}

TEST_F(Hostile, GarbageEndsTheConnection) {
  const auto he = known_one();
  std::mt19937 random(1);
  for (int i = 0; i < 1000; ++i) {
    std::vector<std::uint8_t> frame(1 + random() % 2000);
    for (std::uint8_t& byte : frame) byte = static_cast<std::uint8_t>(random());
    frame[0] %= 16;  // a type that is known
    if (!he->send(frame)) break;
  }
  expect_hung_up(*he, "sync=lost node=lb2");
}

TEST_F(Hostile, AFrameBeyondTheLimitEndsTheConnection) {
  const auto he = known_one();
  he->send(std::vector<std::uint8_t>(mebibyte - 1, 7));
  expect_hung_up(*he, "spoke nonsense");
}

TEST_F(Hostile, FramesWithoutEndCostNoMemory) {
  const auto he = known_one();
  for (int i = 0; i < 200'000; ++i)
    if (!he->say(sync_ping{static_cast<std::uint64_t>(i)})) break;
  for (int i = 0; i < 2'000; ++i)
    if (!he->send(std::vector<std::uint8_t>(sync_frame_limit - 1, 200))) break;  // a type of a later version
  EXPECT_EQ(cluster_.ctl(1, "pid").status, 0);
}

TEST_F(Hostile, AServerThatWasNeverNamedIsNobodys) {
  const auto he = known_one();
  he->say({{.client = served(before_).front(), .server = 77'777, .assigned = now(), .used = now()}}, 1,
          entry_kind::news);
  he->say(many(1000, 77'777, now()), 1, entry_kind::snapshot);
  he->say(sync_server{.service = 1, .server = 5, .identity = "192.0.2.99:80"});  // we have no such server
  he->say({{.client = at("203.0.113.9"), .server = 5, .assigned = now(), .used = now()}}, 1, entry_kind::news);
  he->say(sync_answer{.id = 4711, .accepted = true, .text = "of course"});
  he->say(sync_pong{});
  EXPECT_FALSE(he->ended(1s)) << log();
}

// What nobody would say ends the connection, and the log says why.
TEST_F(Hostile, SpeakingOfWhatIsNotThereEndsTheConnection) {
  const std::vector<std::pair<sync_message, const char*>> breaches{
      {sync_entries{.service = 99, .packed = {}}, "it speaks of a service that it never named"},
      {sync_server{.service = 99, .server = 1, .identity = "x"}, "it speaks of a service that it never named"},
      {sync_digest{.service = 99, .size = 1}, "it speaks of a service that it never named"},
      {sync_service{.service = 1, .capacity = 5, .name = "other"}, "it names a service twice"},
  };
  for (const auto& [what, why] : breaches) {
    const std::size_t said = log().size();
    const auto he = known_one();
    he->say(what);
    EXPECT_TRUE(he->ended()) << why;
    EXPECT_TRUE(eventually([&] { return log().find(why, said) != std::string::npos; })) << why << '\n' << log();
  }
}

TEST_F(Hostile, AnAcknowledgementOfTheFutureEndsTheConnection) {
  const auto he = known_one();
  for (sync_number n = 0; n < 8 && !he->ended(100ms); ++n) he->say(sync_ack{.service = n, .upto = now() * 2});
  expect_hung_up(*he, "it acknowledges what was never said");
}

TEST_F(Hostile, AStrangersNameIsTurnedAway) {
  intruder he(cluster_.lb(2).machine(), cluster_.key(), channel);
  ASSERT_TRUE(he.opened());
  he.say(sync_hello{.node = "lb3", .software = "0.0", .incarnation = 1});
  expect_hung_up(he, "we know no such node");
}

TEST_F(Hostile, StampsOfTheYear2099HinderNobody) {
  const stamp far = stamp_at(4'070'908'800'000);
  const auto he = known_one();
  const std::vector<address> theirs = cluster_.strangers(30);
  std::vector<sync_entry> entries;
  for (const address& client : theirs) entries.push_back({.client = client, .server = 2, .assigned = far, .used = far});
  he->say(entries, 1, entry_kind::news);
  const auto said_to_be_s1 = [&] {
    const answers now = cluster_.visit(theirs);
    return std::all_of(now.begin(), now.end(), [](const auto& one) { return one.second == "s1"; });
  };
  EXPECT_TRUE(eventually(said_to_be_s1)) << "he is a node, and his clients are clients";
  cluster_.tell(1, "service web server 1 drain");
  for (const address& client : theirs) cluster_.tell(1, "service web client " + client.text() + " forget");
  const auto there = count_by_server(cluster_.visit(theirs));
  EXPECT_EQ(there.count("s1"), 0U) << "they can't be forgotten before 2099";
}

TEST_F(Hostile, AMillionServerNamesEndTheConnection) {
  const auto he = known_one();
  for (sync_number n = 4; n < 1'000'000; ++n)
    if (!he->say(sync_server{.service = 1, .server = n, .identity = "server-" + std::to_string(n)})) break;
  expect_hung_up(*he, "it names too many servers");
}

// Of as many as the table has room for; more drive out whoever was here longest ago, as clients do.
TEST_F(Hostile, ManyTombstonesDriveNobodyOut) {
  const auto he = known_one();
  EXPECT_TRUE(he->say(many(100'000, nobody, now()), 1, entry_kind::news)) << log();
  EXPECT_EQ(cluster_.ctl(1, "pid").status, 0);
}

TEST_F(Hostile, WhoReadsSlowlyCostsNoMemory) {
  const auto he = known_one();
  EXPECT_TRUE(he->say(many(150'000, 1, now()), 1, entry_kind::news));
  EXPECT_TRUE(eventually([&] { return cluster_.state(1).here > 150'000; }, 20s)) << log();
  memory_ = memory();
  for (int i = 0; i < 5; ++i) he->say(sync_resume{.service = "web", .upto = 0});
  he->stall(2s);
  EXPECT_LT(memory(), memory_ + 16 * mebibyte);
}

}  // namespace
}  // namespace holdfast::lab
