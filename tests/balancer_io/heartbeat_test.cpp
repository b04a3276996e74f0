#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "balancer/loop/heartbeat_io.h"
#include "base/local_socket_io.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;

std::array<descriptor, 2> pair() {
  int ends[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
  return {descriptor(ends[0]), descriptor(ends[1])};
}

// How many beats have come, all of them of worker 7.
int beats(const descriptor& at) {
  int count = 0;
  for (packet bytes; take_packet(at.get(), bytes) == taken::whole; ++count) {
    EXPECT_EQ(*decode(bytes), link_message(beat{.worker = 7}));
  }
  return count;
}

TEST(Heartbeat, BeatsForNobodyAtNoTime) {
  heartbeat h(7);
  EXPECT_FALSE(h.due());
  h.beat_if_due(instant(1h));
}

TEST(Heartbeat, BeatsAtOnceAndThenEachInterval) {
  heartbeat h(7);
  auto [ours, theirs] = pair();
  instant now(1h);
  h.attach(std::move(ours), now);
  EXPECT_EQ(beats(theirs), 1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(h.due(), now + beat_interval);
    h.beat_if_due(now + beat_interval - 1ns);
    EXPECT_EQ(beats(theirs), 0);
    now += beat_interval;
    h.beat_if_due(now);
    EXPECT_EQ(beats(theirs), 1);
  }
}

TEST(Heartbeat, StopsWhenNobodyListensAnyMore) {
  heartbeat h(7);
  auto [ours, theirs] = pair();
  auto [other_ours, other_theirs] = pair();
  h.attach(std::move(ours), instant(1h));
  h.attach(std::move(other_ours), instant(1h));
  theirs.reset();
  h.beat_if_due(instant(1h) + beat_interval);
  EXPECT_EQ(beats(other_theirs), 2);
  EXPECT_TRUE(h.due());
  other_theirs.reset();
  h.beat_if_due(instant(1h) + 2 * beat_interval);
  EXPECT_FALSE(h.due());
}

TEST(Heartbeat, SkipsBeatsForAnAgentThatDoesNotRead) {
  heartbeat h(7);
  auto [slow, slow_theirs] = pair();
  auto [quick, quick_theirs] = pair();
  h.attach(std::move(slow), instant(1h));
  h.attach(std::move(quick), instant(1h));
  instant now(1h);
  for (int i = 0; i < 100'000; ++i) {
    h.beat_if_due(now += beat_interval);
    ASSERT_GE(beats(quick_theirs), 1);
  }
  EXPECT_GT(beats(slow_theirs), 10);
  h.beat_if_due(now += beat_interval);
  EXPECT_EQ(beats(slow_theirs), 1);
}

TEST(Heartbeat, HasRoomForFourAndHangsUpOnTheFirstWhenAFifthComes) {
  heartbeat h(7);
  std::vector<descriptor> theirs;
  for (std::size_t i = 0; i <= most_agents; ++i) {
    auto [ours, other] = pair();
    h.attach(std::move(ours), instant(1h));
    theirs.push_back(std::move(other));
  }
  h.beat_if_due(instant(1h) + beat_interval);
  beats(theirs[0]);
  packet bytes;
  EXPECT_EQ(take_packet(theirs[0].get(), bytes), taken::ended);
  for (std::size_t i = 1; i <= most_agents; ++i) EXPECT_GE(beats(theirs[i]), 2);
}

TEST(Heartbeat, TakesNoRoomForThoseWhoHaveGone) {
  heartbeat h(7);
  auto [ours, theirs] = pair();
  h.attach(std::move(ours), instant(1h));
  for (int i = 0; i < 20; ++i) {
    auto [brief, gone] = pair();
    gone.reset();
    h.attach(std::move(brief), instant(1h));
  }
  beats(theirs);
  h.beat_if_due(instant(1h) + beat_interval);
  EXPECT_EQ(beats(theirs), 1);
}

}  // namespace

}  // namespace holdfast
