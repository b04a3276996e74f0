// Replies to new clients, and a peer that confirms at once, late, or never.
#include "balancer/flow/confirm_queue.h"
#include "base/clock_io.h"
#include "tests/balancer_io/rig.h"

namespace holdfast {

namespace {

constexpr std::size_t mebi = 1 << 20;

// A worker, and a peer that follows its table.
class followed_rig {
 public:
  explicit followed_rig(const std::vector<endpoint>& servers, following how = following::closely) : all(servers) {
    peers =
        std::make_shared<replication_watermark>(4, [this] { ++wake_ups; }, [this](unsigned) { all.work().nudge(); });
    peers->follow(how);
    all.made.followed = peers;
    all.start();
  }
  ~followed_rig() { stop(); }

  // A peer that confirms all that there is, so long after it has heard of it.
  void confirm_after(std::chrono::milliseconds delay) {
    confirming_ = std::thread([this, delay] {
      while (!stopping_) {
        poll(nullptr, 0, 1);
        if (!peers->take_news()) continue;
        const stamp upto = all.made.clients->latest();
        poll(nullptr, 0, static_cast<int>(delay.count()));
        confirmed_first = true;
        peers->confirm(upto);
      }
    });
  }
  void stop() {
    stopping_ = true;
    if (confirming_.joinable()) confirming_.join();
  }

  // Another client each time: 127.0.1.N.
  peer stranger() {
    return peer::to(all.where(), 0, {.host = address::v4(0x7f000100 + ++strangers_), .port = 0, .path = {}});
  }
  const confirm_counters& counted() const { return peers->counters(); }

  rig all;
  std::shared_ptr<replication_watermark> peers;
  std::atomic<int> wake_ups = 0;
  std::atomic<bool> confirmed_first = false;

 private:
  std::atomic<bool> stopping_ = false;
  std::uint32_t strangers_ = 0;
  std::thread confirming_;
};

TEST(Confirm, NobodyWaitsForWhatIsConfirmedBeforeTheServerAnswers) {
  backend server(says("hello"));
  followed_rig r({server.where()});
  r.peers->confirm(~stamp{0});
  peer client = r.stranger();
  client.say("who\n");
  EXPECT_EQ(client.hear_all(), "hello");
  EXPECT_EQ(r.counted().confirmed, 1U);
  EXPECT_EQ(r.counted().waits[0], 1U);
  EXPECT_EQ(r.wake_ups, 1);
}

TEST(Confirm, AReplyWaitsForThePeerOrForThePatience) {
  backend server([](peer& with) { with.say("hello"); });
  followed_rig r({server.where()});
  r.confirm_after(3ms);
  for (int i = 0; i < 20; ++i) {
    r.confirmed_first = false;
    const instant began = monotonic_now();
    peer client = r.stranger();
    EXPECT_EQ(client.hear(1), "h");
    EXPECT_TRUE(r.confirmed_first || monotonic_now() - began >= confirm_patience);
    EXPECT_EQ(client.hear_all(), "ello");
  }
  r.stop();
  EXPECT_EQ(r.counted().confirmed + r.counted().timed_out + r.counted().unwaited, 20U);
  std::uint64_t in_histogram = 0;
  for (const auto& bucket : r.counted().waits) in_histogram += bucket;
  EXPECT_EQ(in_histogram, r.counted().confirmed + r.counted().timed_out);
}

TEST(Confirm, APeerThatNeverConfirmsCostsOneWait) {
  backend server(says("hello"));
  followed_rig r({server.where()});
  const instant began = monotonic_now();
  peer first = r.stranger();
  first.say("who\n");
  EXPECT_EQ(first.hear_all(), "hello");
  EXPECT_GE(monotonic_now() - began, confirm_patience);
  EXPECT_EQ(r.counted().timed_out, 1U);
  for (int i = 0; i < 5; ++i) {
    peer client = r.stranger();
    client.say("who\n");
    EXPECT_EQ(client.hear_all(), "hello");
  }
  EXPECT_EQ(r.counted().timed_out, 1U);
  EXPECT_EQ(r.counted().unwaited, 5U);
}

TEST(Confirm, AKnownClientDoesNotWait) {
  backend server(says("hello"));
  followed_rig r({server.where()});
  r.peers->confirm(~stamp{0});
  for (int i = 0; i < 4; ++i) {
    peer client = r.all.client();
    client.say("who\n");
    EXPECT_EQ(client.hear_all(), "hello");
  }
  EXPECT_EQ(r.counted().confirmed, 1U);
  EXPECT_EQ(r.wake_ups, 1);
  EXPECT_TRUE(r.peers->take_news());
}

TEST(Confirm, AllConnectionsOfANewClientWait) {
  backend server([](peer& with) { with.say("hello"); });
  followed_rig r({server.where()});
  const instant began = monotonic_now();
  std::vector<peer> all;
  for (int i = 0; i < 4; ++i) all.push_back(r.all.client());
  for (peer& one : all) EXPECT_EQ(one.hear_all(), "hello");
  EXPECT_GE(monotonic_now() - began, confirm_patience);
  EXPECT_EQ(r.counted().timed_out + r.counted().unwaited, 4U);
}

TEST(Confirm, NobodyWaitsWithoutAPeer) {
  backend server(says("hello"));
  followed_rig r({server.where()}, following::alone);
  peer client = r.stranger();
  client.say("who\n");
  EXPECT_EQ(client.hear_all(), "hello");
  EXPECT_EQ(r.counted().no_peer, 1U);
  EXPECT_EQ(r.counted().timed_out + r.counted().confirmed, 0U);
  EXPECT_EQ(r.wake_ups, 0);
}

TEST(Confirm, AServerThatEndsWithoutAByteEndsForTheClientToo) {
  backend server([](peer&) {});
  followed_rig r({server.where()});
  peer client = r.stranger();
  EXPECT_EQ(client.hear_all(), "");
  EXPECT_FALSE(client.was_reset());
  EXPECT_EQ(r.counted().timed_out, 1U);
  client.close();
  EXPECT_TRUE(eventually([&] { return r.all.at_rest(); }));
}

TEST(Confirm, AClientThatLeavesWhileItsReplyWaitsIsForgotten) {
  backend server([](peer& with) {
    with.say("hello");
    with.hear_all();
  });
  followed_rig r({server.where()});
  for (int i = 0; i < 10; ++i) {
    r.peers->confirm(r.all.made.clients->latest());  // waited for again
    r.stranger().reset();
  }
  EXPECT_TRUE(eventually([&] { return r.all.at_rest(); }));
}

TEST(Confirm, EveryByteArrivesBothWays) {
  backend server([](peer& with) {
    std::thread talking([&] { with.say(pattern(3 * mebi)); });
    const bool whole = with.hear_all() == pattern(2 * mebi);
    talking.join();
    with.say(whole ? "whole" : "not whole");
  });
  followed_rig r({server.where()});
  r.confirm_after(2ms);
  std::vector<std::thread> crowd;
  std::atomic<int> right = 0;
  for (int i = 0; i < 8; ++i) {
    crowd.emplace_back([&right, client = std::make_shared<peer>(r.stranger())] {
      std::thread talking([&] {
        client->say(pattern(2 * mebi));
        client->end();
      });
      right += client->hear_all() == pattern(3 * mebi) + "whole";
      talking.join();
    });
  }
  for (std::thread& t : crowd) t.join();
  EXPECT_EQ(right, 8);
  r.stop();
  EXPECT_TRUE(eventually([&] { return r.all.at_rest(); }));
}

}  // namespace

}  // namespace holdfast
