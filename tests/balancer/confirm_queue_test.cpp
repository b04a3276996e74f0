#include "balancer/flow/confirm_queue.h"

#include <gtest/gtest.h>

#include <thread>

namespace holdfast {

namespace {

using namespace std::chrono_literals;

using replies = std::vector<confirm_queue::reply>;

instant at(duration since_start) { return instant(1h + since_start); }

std::shared_ptr<replication_watermark> made_watermark(std::function<void(unsigned)> wake = [](unsigned) {}) {
  auto made = std::make_shared<replication_watermark>(2, [] {}, std::move(wake));
  made->follow(following::closely);
  return made;
}

confirm_queue::reply reply(std::uint32_t slot, stamp assigned) {
  return {.slot = slot, .id = slot + 100U, .assigned = assigned};
}

TEST(ConfirmQueue, LetsPassWhatIsConfirmedAlready) {
  const auto web = made_watermark();
  confirm_queue q(1);
  web->confirm(5);
  EXPECT_FALSE(q.add(web, reply(1, 5), at(0ms)));
  EXPECT_TRUE(q.empty());
  EXPECT_EQ(web->counters().confirmed, 1U);
  EXPECT_EQ(web->counters().waits[0], 1U);
}

TEST(ConfirmQueue, ReleasesWhatIsConfirmedAndNoMore) {
  const auto web = made_watermark();
  confirm_queue q(1);
  EXPECT_TRUE(q.add(web, reply(1, 7), at(0ms)));
  EXPECT_TRUE(q.add(web, reply(2, 5), at(0ms)));  // the server of the earlier client has answered later
  EXPECT_TRUE(q.add(web, reply(3, 9), at(1ms)));
  web->confirm(4);
  EXPECT_EQ(q.take(at(2ms)), replies{});
  web->confirm(7);
  EXPECT_EQ(q.take(at(3ms)), (replies{reply(1, 7), reply(2, 5)}));
  EXPECT_FALSE(q.empty());
  web->confirm(9);
  EXPECT_EQ(q.take(at(4ms)), replies{reply(3, 9)});
  EXPECT_TRUE(q.empty());
  EXPECT_EQ(web->counters().confirmed, 3U);
  EXPECT_EQ(web->counters().waits[wait_bucket(3ms)], 3U);  // 3, 3 and 3 ms
}

TEST(ConfirmQueue, IsWokenForTheOldestThatStillWaits) {
  std::vector<unsigned> woken;
  const auto web = made_watermark([&](unsigned w) { woken.push_back(w); });
  confirm_queue q(1);
  q.add(web, reply(1, 7), at(0ms));
  q.add(web, reply(2, 5), at(0ms));
  web->confirm(5);
  EXPECT_EQ(woken, std::vector<unsigned>{1});
  q.take(at(1ms));
  web->confirm(6);
  EXPECT_EQ(woken.size(), 1U);
  web->confirm(8);
  EXPECT_EQ(woken.size(), 2U);
  q.take(at(1ms));
  web->confirm(9);
  EXPECT_EQ(woken.size(), 2U);
}

TEST(ConfirmQueue, WaitsForSoLongAndNoLonger) {
  const auto web = made_watermark();
  confirm_queue q(1);
  EXPECT_EQ(q.due(), std::nullopt);
  q.add(web, reply(1, 5), at(0ms));
  q.add(web, reply(2, 6), at(5ms));
  EXPECT_EQ(q.due(), at(confirm_patience));
  EXPECT_EQ(q.take(at(confirm_patience - 1ns)), replies{});
  EXPECT_EQ(q.take(at(confirm_patience)), replies{reply(1, 5)});
  EXPECT_EQ(q.due(), at(5ms + confirm_patience));
  EXPECT_EQ(web->counters().timed_out, 1U);
  EXPECT_EQ(web->counters().waits[wait_bucket(confirm_patience)], 1U);
}

TEST(ConfirmQueue, ASlowPeerCostsOneWait) {
  const auto web = made_watermark();
  confirm_queue q(1);
  q.add(web, reply(1, 5), at(0ms));
  q.add(web, reply(2, 6), at(5ms));
  q.take(at(20ms));
  EXPECT_FALSE(q.add(web, reply(3, 7), at(20ms)));
  EXPECT_EQ(web->counters().unwaited, 1U);
  EXPECT_EQ(q.take(at(21ms)), replies{}) << "who waited before may be confirmed yet";
  web->confirm(6);
  EXPECT_EQ(q.take(at(22ms)), replies{reply(2, 6)});
  EXPECT_TRUE(q.add(web, reply(4, 8), at(22ms)));
}

TEST(ConfirmQueue, ReleasesAllWhenThePeerIsGone) {
  const auto web = made_watermark();
  confirm_queue q(1);
  q.add(web, reply(1, 5), at(0ms));
  q.add(web, reply(2, 6), at(0ms));
  web->follow(following::alone);
  EXPECT_EQ(q.take(at(1ms)).size(), 2U);
  EXPECT_EQ(web->counters().no_peer, 2U);
  EXPECT_FALSE(q.add(web, reply(3, 7), at(1ms)));
  EXPECT_EQ(web->counters().no_peer, 3U);
}

TEST(ConfirmQueue, KeepsTablesApart) {
  const auto web = made_watermark(), mail = made_watermark();
  confirm_queue q(1);
  q.add(web, reply(1, 5), at(0ms));
  q.add(mail, reply(2, 5), at(1ms));
  web->confirm(5);
  EXPECT_EQ(q.take(at(2ms)), replies{reply(1, 5)});
  EXPECT_EQ(q.due(), at(1ms + confirm_patience));
  EXPECT_EQ(q.take(at(1ms + confirm_patience)), replies{reply(2, 5)});
  EXPECT_TRUE(q.add(web, reply(3, 6), at(30ms)));
  EXPECT_FALSE(q.add(mail, reply(4, 6), at(30ms)));
}

TEST(ConfirmQueue, LetsGoOfATableThatIsNoMore) {
  auto web = made_watermark();
  const std::weak_ptr<replication_watermark> seen = web;
  confirm_queue q(1);
  q.add(web, reply(1, 5), at(0ms));
  web.reset();
  EXPECT_EQ(q.take(at(20ms)).size(), 1U);
  q.add(made_watermark(), reply(2, 5), at(20ms));
  EXPECT_TRUE(seen.expired());
}

// Time stands still here: a worker that misses the news of its last reply waits for ever.
TEST(ConfirmQueue, MissesNoNewsOfTheOtherThread) {
  constexpr stamp all = 20'000;
  std::atomic<stamp> assigned = 0;
  std::atomic<unsigned> bells = 0;
  const auto web = made_watermark([&](unsigned) {
    ++bells;
    bells.notify_one();
  });
  std::thread confirming([&] {
    while (web->confirmed() < all) web->confirm(assigned);
  });
  confirm_queue q(1);
  for (stamp s = 1; s <= all; ++s) {
    assigned = s;
    q.add(web, reply(1, s), at(0ms));
    for (unsigned heard = bells; q.take(at(0ms)).empty() && !q.empty(); heard = bells) bells.wait(heard);
  }
  confirming.join();
  EXPECT_TRUE(q.empty());
  EXPECT_EQ(web->counters().confirmed, all);
}

TEST(ConfirmQueue, HasRoomForSoManyAndLetsTheOthersPass) {
  const auto web = made_watermark();
  confirm_queue q(1);
  for (std::uint32_t i = 0; i < max_waiting_replies; ++i) ASSERT_TRUE(q.add(web, reply(i, i + 1), at(0ms)));
  EXPECT_FALSE(q.add(web, reply(9999, 9999), at(0ms)));
  EXPECT_EQ(web->counters().unwaited, 1U);
  web->confirm(1);
  EXPECT_EQ(q.take(at(1ms)).size(), 1U);
  EXPECT_TRUE(q.add(web, reply(9999, 9999), at(1ms)));
}

}  // namespace

}  // namespace holdfast
