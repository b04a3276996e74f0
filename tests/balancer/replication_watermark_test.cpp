#include "balancer/table/replication_watermark.h"

#include <gtest/gtest.h>

namespace holdfast {

namespace {

using namespace std::chrono_literals;

// A table's replication_watermark, and who was told what.
struct watched_watermark {
  int wake_ups = 0;
  std::vector<unsigned> woken;
  replication_watermark all{3, [this] { ++wake_ups; }, [this](unsigned w) { woken.push_back(w); }};
};

TEST(ReplicationWatermark, AskForNothingWhereThereAreNone) {
  watched_watermark f;
  EXPECT_FALSE(f.all.settled(5, true));
  EXPECT_FALSE(f.all.take_news());
  EXPECT_EQ(f.wake_ups, 0);
  EXPECT_EQ(f.all.counters().no_peer, 0U);
}

TEST(ReplicationWatermark, AreMissedWhereThereShouldBeOne) {
  watched_watermark f;
  f.all.follow(following::alone);
  EXPECT_FALSE(f.all.settled(5, true));
  EXPECT_FALSE(f.all.settled(3, false));
  EXPECT_EQ(f.all.counters().no_peer, 1U);
  EXPECT_EQ(f.wake_ups, 0);
}

TEST(ReplicationWatermark, AreToldOfAFreshClientAtOnceAndOnce) {
  watched_watermark f;
  f.all.follow(following::closely);
  EXPECT_TRUE(f.all.settled(5, true));
  EXPECT_TRUE(f.all.settled(5, true));
  EXPECT_EQ(f.wake_ups, 1) << "the sync thread has not looked yet";
  EXPECT_TRUE(f.all.take_news());
  EXPECT_FALSE(f.all.take_news());
  EXPECT_TRUE(f.all.settled(5, true));
  EXPECT_EQ(f.wake_ups, 2);
}

TEST(ReplicationWatermark, AreToldOfKnownClientsWhenTheyLook) {
  watched_watermark f;
  f.all.follow(following::closely);
  f.all.confirm(3);
  EXPECT_FALSE(f.all.settled(3, false));
  EXPECT_EQ(f.wake_ups, 0);
  EXPECT_TRUE(f.all.take_news());
  EXPECT_FALSE(f.all.take_news());
}

TEST(ReplicationWatermark, AKnownClientDoesNotKeepAFreshOneFromKnocking) {
  watched_watermark f;
  f.all.follow(following::closely);
  f.all.confirm(3);
  EXPECT_FALSE(f.all.settled(3, false));
  EXPECT_TRUE(f.all.settled(5, true));
  EXPECT_EQ(f.wake_ups, 1);
}

TEST(ReplicationWatermark, AreWaitedForByEveryConnectionOfAClientThatTheyDontKnow) {
  watched_watermark f;
  f.all.follow(following::closely);
  f.all.confirm(2);
  EXPECT_TRUE(f.all.settled(3, false));
  EXPECT_EQ(f.wake_ups, 1);
  f.all.confirm(3);
  EXPECT_FALSE(f.all.settled(3, false));
}

TEST(ReplicationWatermark, AreToldAndNotWaitedForWhenTheyFollowLoosely) {
  watched_watermark f;
  f.all.follow(following::loosely);
  EXPECT_FALSE(f.all.settled(5, true));
  EXPECT_EQ(f.wake_ups, 1);
  EXPECT_EQ(f.all.ask(1), confirmation::no_peer);
}

TEST(ReplicationWatermark, ConfirmAllUpToAStampAndNeverLess) {
  watched_watermark f;
  f.all.follow(following::closely);
  EXPECT_EQ(f.all.ask(7), confirmation::wait);
  f.all.confirm(7);
  f.all.confirm(5);
  EXPECT_EQ(f.all.confirmed(), 7U);
  EXPECT_EQ(f.all.ask(7), confirmation::confirmed);
  EXPECT_EQ(f.all.ask(8), confirmation::wait);
}

TEST(ReplicationWatermark, WakeExactlyTheWorkersThatWaitForThat) {
  watched_watermark f;
  f.all.follow(following::closely);
  f.all.announce(0, 5);
  f.all.announce(2, 9);
  f.all.confirm(4);
  EXPECT_TRUE(f.woken.empty());
  f.all.confirm(8);
  EXPECT_EQ(f.woken, (std::vector<unsigned>{0}));
  f.all.announce(0, 0);
  f.all.confirm(9);
  EXPECT_EQ(f.woken, (std::vector<unsigned>{0, 2}));
}

TEST(ReplicationWatermark, WakeWhoeverWaitsWhenTheyLeave) {
  watched_watermark f;
  f.all.follow(following::closely);
  f.all.announce(1, 5);
  f.all.follow(following::closely);
  EXPECT_TRUE(f.woken.empty());
  f.all.follow(following::alone);
  EXPECT_EQ(f.woken, (std::vector<unsigned>{1}));
  EXPECT_EQ(f.all.ask(5), confirmation::no_peer);
}

TEST(ReplicationWatermark, AreGivenUpUntilTheyConfirmMore) {
  watched_watermark f;
  f.all.follow(following::closely);
  f.all.confirm(3);
  f.all.give_up();
  EXPECT_EQ(f.all.ask(5), confirmation::given_up);
  EXPECT_EQ(f.all.ask(3), confirmation::confirmed);
  f.all.confirm(4);
  EXPECT_EQ(f.all.ask(5), confirmation::wait);
}

TEST(ReplicationWatermark, AreTrustedAgainWhenTheyComeBack) {
  watched_watermark f;
  f.all.follow(following::closely);
  f.all.give_up();
  f.all.follow(following::alone);
  f.all.follow(following::closely);
  EXPECT_EQ(f.all.ask(5), confirmation::wait);
}

TEST(ReplicationWatermark, CountWaitsInPowersOfTwo) {
  EXPECT_EQ(wait_bucket(-1us), 0U);
  EXPECT_EQ(wait_bucket(999ns), 0U);
  EXPECT_EQ(wait_bucket(1us), 1U);
  EXPECT_EQ(wait_bucket(2us), 2U);
  EXPECT_EQ(wait_bucket(3us), 2U);
  EXPECT_EQ(wait_bucket(4us), 3U);
  EXPECT_EQ(wait_bucket(16383us), 14U);
  EXPECT_EQ(wait_bucket(16384us), 15U);
  EXPECT_EQ(wait_bucket(1h), wait_buckets - 1);
  watched_watermark f;
  f.all.count(confirmation::confirmed, 3us);
  f.all.count_time_out(20ms);
  f.all.count(confirmation::no_peer, 3us);
  f.all.count(confirmation::given_up, 0us);
  const confirm_counters& c = f.all.counters();
  EXPECT_EQ(c.confirmed, 1U);
  EXPECT_EQ(c.timed_out, 1U);
  EXPECT_EQ(c.no_peer, 1U);
  EXPECT_EQ(c.unwaited, 1U);
  EXPECT_EQ(c.waits[2], 1U);
  EXPECT_EQ(c.waits[15], 1U);
  EXPECT_EQ(c.waits[0], 0U);
}

}  // namespace

}  // namespace holdfast
