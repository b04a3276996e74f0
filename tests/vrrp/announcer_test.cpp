// The schedule of announcements, in time passed in.
#include <gtest/gtest.h>

#include <map>

#include "tests/vrrp/made_advert.h"
#include "vrrp/message/announce.h"

namespace holdfast {
namespace {

const instant start{1h};

address numbered(std::size_t number, bool four = true) {
  address::bytes_type six = made_address("2001:db8::").bytes();
  six[14] = static_cast<std::uint8_t>(number >> 8);
  six[15] = static_cast<std::uint8_t>(number);
  return four ? address::v4(0x0a000000 + static_cast<std::uint32_t>(number)) : address(six);
}

// An announcer whose every deadline is kept, and what it sent when.
class crier {
 public:
  struct sent {
    duration when;
    announcer::send frame;
  };

  void announce(std::size_t count, bool four = true) {
    for (std::size_t i = 0; i < count; ++i) announce(numbered(i, four));
  }
  void announce(const address& who) { EXPECT_TRUE(machine.on(announcer::announce{who}, now).empty()); }

  // Until nothing is due before `end`, counted from the start.
  void run_to(duration end) {
    while (machine.deadline() && *machine.deadline() <= start + end) {
      now = std::max(now, *machine.deadline());
      const auto orders = machine.on(wake{}, now);
      ASSERT_FALSE(orders.empty()) << "due, but nothing to say";
      for (const auto& frame : orders) log.push_back({now - start, frame});
    }
    now = start + end;
  }

  std::vector<duration> times_of(const address& who, announcement how) const {
    std::vector<duration> out;
    for (const sent& one : log) {
      if (one.frame == announcer::send{how, who}) out.push_back(one.when);
    }
    return out;
  }

  announcer machine;
  instant now = start;
  std::vector<sent> log;
};

TEST(Announcer, HasNothingToSayAtFirst) {
  announcer machine;
  EXPECT_EQ(machine.deadline(), std::nullopt);
  EXPECT_TRUE(machine.on(wake{}, start).empty());
}

TEST(Announcer, SaysItAtOnceAndAgainForFiveSeconds) {
  crier c;
  c.announce(numbered(1));
  EXPECT_EQ(c.machine.deadline(), start);
  c.run_to(1min);
  const std::vector<duration> expected = {0ms, 20ms, 100ms, 500ms, 1s, 2s, 3s, 4s, 5s};
  EXPECT_EQ(c.times_of(numbered(1), announcement::arp_request), expected);
  EXPECT_EQ(c.times_of(numbered(1), announcement::arp_reply), expected);
  EXPECT_EQ(c.times_of(numbered(1), announcement::question), (std::vector<duration>{5s}));
  EXPECT_EQ(c.log.size(), 19U);
  EXPECT_EQ(c.machine.deadline(), std::nullopt);
  EXPECT_EQ(c.machine.pending(), 0U);
}

TEST(Announcer, SaysItUntilTheLeaseOfTheOtherHasSurelyEnded) {
  crier c;
  c.machine.on(announcer::changed{{.lease = 10s, .every = 0s}}, c.now);
  c.announce(numbered(1));
  c.run_to(1min);
  const auto times = c.times_of(numbered(1), announcement::arp_request);
  EXPECT_EQ(times.back(), 12s);
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_LE(times[i] - times[i - 1], 1s);
  EXPECT_EQ(c.times_of(numbered(1), announcement::question), (std::vector<duration>{12s})) << "not before";
}

TEST(Announcer, SaysItAgainEverySoOftenAndAsksWhoElseHasIt) {
  crier c;
  c.machine.on(announcer::changed{{.lease = 1s, .every = 60s}}, c.now);
  c.announce(numbered(1, false));
  c.run_to(130s);
  EXPECT_EQ(c.times_of(numbered(1, false), announcement::question), (std::vector<duration>{5s, 65s, 125s}));
  EXPECT_EQ(c.times_of(numbered(1, false), announcement::neighbour).size(), 11U);
  EXPECT_EQ(c.machine.pending(), 1U);
  c.machine.on(announcer::withdraw_all{}, c.now);
  EXPECT_EQ(c.machine.deadline(), std::nullopt);
}

TEST(Announcer, SaysIpv6InOneFrame) {
  crier c;
  c.announce(numbered(1, false));
  c.run_to(1min);
  EXPECT_EQ(c.times_of(numbered(1, false), announcement::neighbour).size(), 9U);
  EXPECT_EQ(c.log.size(), 10U);
}

TEST(Announcer, SendsAtMost64FramesAMillisecond) {
  for (const bool four : {true, false}) {
    crier c;
    c.announce(600, four);
    c.run_to(1min);
    std::map<duration, std::size_t> a_turn;
    for (const auto& one : c.log) ++a_turn[one.when];
    for (const auto& [when, frames] : a_turn) EXPECT_LE(frames, announcer::frames_a_turn);
    for (auto it = a_turn.begin(); std::next(it) != a_turn.end(); ++it) {
      EXPECT_GE(std::next(it)->first - it->first, 1ms);
    }
    EXPECT_EQ(c.log.size(), 600U * (9 * (four ? 2 : 1) + 1));
  }
}

TEST(Announcer, TellsAllOf600WithinTwentyMilliseconds) {
  crier c;
  c.announce(600);
  c.run_to(19ms);
  for (std::size_t i = 0; i < 600; ++i) {
    EXPECT_GE(c.times_of(numbered(i), announcement::arp_request).size(), 1U) << i;
  }
}

TEST(Announcer, PrefersWhatWasNeverSaid) {
  crier c;
  c.announce(1000);  // 32 turns: the first are due again before the last were said
  c.run_to(1min);
  duration last_first{}, first_second = 1min;
  for (std::size_t i = 0; i < 1000; ++i) {
    const auto times = c.times_of(numbered(i), announcement::arp_request);
    ASSERT_EQ(times.size(), 9U);
    last_first = std::max(last_first, times[0]);
    first_second = std::min(first_second, times[1]);
    EXPECT_GE(times[1] - times[0], 20ms);
    EXPECT_GE(times[2] - times[1], 80ms);
  }
  EXPECT_LE(last_first, 32ms);
  EXPECT_GE(first_second, last_first);
}

TEST(Announcer, DoesNotBurstAfterADelay) {
  crier c;
  c.announce(numbered(1));
  c.run_to(0ms);
  EXPECT_EQ(c.machine.on(wake{}, start + 10s).size(), 2U) << "one round, not all that was missed";
  EXPECT_EQ(c.machine.deadline(), start + 10s + 80ms);
}

TEST(Announcer, IgnoresAnEarlyWake) {
  crier c;
  c.announce(100);
  c.run_to(0ms);
  EXPECT_TRUE(c.machine.on(wake{}, start + 999us).empty());
  EXPECT_EQ(c.machine.on(wake{}, start + 1ms).size(), 64U);
}

TEST(Announcer, StartsOverWhenToldAgain) {
  crier c;
  c.announce(numbered(1));
  c.run_to(1500ms);
  c.announce(numbered(1));
  c.run_to(1min);
  EXPECT_EQ(c.times_of(numbered(1), announcement::arp_reply),
            (std::vector<duration>{0ms, 20ms, 100ms, 500ms, 1s, 1500ms, 1520ms, 1600ms, 2s, 2500ms, 3500ms, 4500ms,
                                   5500ms, 6500ms}));
}

TEST(Announcer, NeverForgetsThatItWasTold) {
  crier c;
  c.announce(numbered(1));
  c.run_to(110ms);
  c.announce(numbered(1));
  EXPECT_EQ(c.machine.deadline(), start + 200ms) << "a moment after its last frame";
  c.run_to(250ms);
  EXPECT_EQ(c.times_of(numbered(1), announcement::arp_reply), (std::vector<duration>{0ms, 20ms, 100ms, 200ms, 220ms}));
}

TEST(Announcer, IsNotDrivenToAStorm) {
  crier c;
  for (int i = 0; i < 100'000; ++i) {  // for ten seconds, every 100 microseconds
    c.announce(numbered(1));
    c.run_to((i + 1) * 100us);
  }
  EXPECT_LE(c.log.size(), 101U * 2);
  EXPECT_GE(c.log.size(), 99U * 2);
}

TEST(Announcer, FallsSilentWhenTheAddressesAreGone) {
  crier c;
  c.announce(3);
  c.run_to(0ms);
  EXPECT_TRUE(c.machine.on(announcer::withdraw{numbered(1)}, c.now).empty());
  EXPECT_EQ(c.machine.pending(), 2U);
  c.run_to(50ms);
  EXPECT_EQ(c.times_of(numbered(1), announcement::arp_request).size(), 1U);
  EXPECT_EQ(c.times_of(numbered(2), announcement::arp_request).size(), 2U);
  EXPECT_TRUE(c.machine.on(announcer::withdraw_all{}, c.now).empty());
  EXPECT_EQ(c.machine.deadline(), std::nullopt);
  EXPECT_TRUE(c.machine.on(wake{}, c.now + 1h).empty());
}

TEST(Announcer, AnnouncesAtOnceWhatComesBack) {
  crier c;
  c.announce(numbered(1));
  c.run_to(10ms);
  c.machine.on(announcer::withdraw_all{}, c.now);
  c.announce(numbered(1));
  EXPECT_EQ(c.machine.deadline(), c.now);
  EXPECT_EQ(c.machine.on(wake{}, c.now).size(), 2U);
}

TEST(Announcer, RefusesMoreThanItCanHold) {
  crier c;
  c.announce(announcer::most_addresses);
  EXPECT_EQ(c.machine.refused(), 0U);
  c.announce(numbered(announcer::most_addresses));
  c.announce(numbered(0));  // known: no new place
  EXPECT_EQ(c.machine.refused(), 1U);
  EXPECT_EQ(c.machine.pending(), announcer::most_addresses);
  c.run_to(128ms);
  for (std::size_t i = 0; i < announcer::most_addresses; i += 511) {
    EXPECT_GE(c.times_of(numbered(i), announcement::arp_reply).size(), 1U) << "128 turns tell them all";
  }
}

}  // namespace
}  // namespace holdfast
