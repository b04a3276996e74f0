#include "tests/vrrp/made_track.h"

namespace holdfast {

namespace {

TEST(Track, StartsInFaultUntilItHasHeardEverybody) {
  balancer b;
  EXPECT_EQ(b.is(), fitness::fault);
  EXPECT_EQ(b.why(), "balancer not heard yet");
  EXPECT_FALSE(b.tell(track::attached{}));
  EXPECT_FALSE(b.tell(well));
  EXPECT_FALSE(b.tell(beat{0}));
  EXPECT_FALSE(b.tell(beat{control_thread}));
  EXPECT_FALSE(b.tell(beat{2}));
  EXPECT_FALSE(b.tell(beat{2}));
  EXPECT_TRUE(b.tell(beat{1}));
  EXPECT_EQ(b.is(), fitness::fit);
  EXPECT_EQ(b.why(), "balancer healthy");
}

TEST(Track, TakesBeatsAndConditionInAnyOrder) {
  balancer b;
  b.tell(track::attached{});
  b.beat_all();
  EXPECT_EQ(b.is(), fitness::fault);
  EXPECT_TRUE(b.tell(well));
  EXPECT_EQ(b.is(), fitness::fit);
}

TEST(Track, IsAlwaysFitWithoutABalancerWhenNoneIsWanted) {
  balancer b({.wanted = false});
  EXPECT_EQ(b.is(), fitness::fit);
  EXPECT_EQ(b.why(), "runs without a balancer");
  EXPECT_FALSE(b.tell(track::unreachable{"No such file or directory"}));
  b.start();
  EXPECT_FALSE(b.tell(track::ended{}));
  EXPECT_TRUE(b.tell(track::changed{{}}));
  EXPECT_EQ(b.why(), "balancer ended");
}

// Silent exactly for the patience: that is too long; a nanosecond less is not.
TEST(Track, CallsAWorkerSilentAtItsPatienceAndNotBefore) {
  balancer b;
  b.start();
  b.wait(50ms);
  b.tell(beat{0});
  b.tell(beat{1});
  b.tell(beat{control_thread});
  b.wait(100ms - 1ns);
  EXPECT_EQ(b.is(), fitness::fit);
  EXPECT_EQ(b.judge.deadline(), b.now + 1ns);
  b.wait(1ns);
  EXPECT_EQ(b.is(), fitness::fault);
  EXPECT_EQ(b.why(), "balancer worker 2 silent for 150 ms");
  EXPECT_FALSE(b.judge.deadline());
}

TEST(Track, ABeatAtTheLastMomentSavesTheWorker) {
  balancer b;
  b.start();
  b.wait(150ms - 1ns);
  b.beat_all();
  b.wait(150ms - 1ns);
  EXPECT_EQ(b.is(), fitness::fit);
}

// The loop that feeds it reads before it wakes it: a beat that is told late was not said late.
TEST(Track, ForgivesABeatThatIsReadBeforeTheWake) {
  balancer b;
  b.start();
  b.now += 400ms;
  b.beat_all();
  EXPECT_FALSE(b.tell(wake{}));
  EXPECT_EQ(b.is(), fitness::fit);
}

TEST(Track, SaysHowLongTheSilenceWasWhenItWokeLate) {
  balancer b;
  b.start();
  b.now += 163ms;
  EXPECT_TRUE(b.tell(wake{}));
  EXPECT_EQ(b.why(), "balancer worker 0 silent for 163 ms");
}

TEST(Track, NamesTheWorkerThatWasSilentLongest) {
  balancer b;
  b.start();
  b.wait(10ms);
  b.tell(beat{0});
  b.tell(beat{2});
  b.wait(300ms);
  EXPECT_EQ(b.why(), "balancer worker 1 silent for 150 ms");
}

TEST(Track, HasMorePatienceWithTheControlThread) {
  balancer b({.control_patience = 1s});
  b.start();
  for (int i = 0; i < 9; ++i) {
    b.wait(100ms);
    for (const std::uint16_t who : {0, 1, 2}) b.tell(beat{who});
  }
  EXPECT_EQ(b.is(), fitness::fit);
  b.wait(100ms);
  EXPECT_EQ(b.is(), fitness::fault);
  EXPECT_EQ(b.why(), "balancer control thread silent for 1000 ms");
}

TEST(Track, IsHealthyAgainOnlyWhenAllHaveBeaten) {
  balancer b;
  b.start();
  b.wait(150ms);
  ASSERT_EQ(b.is(), fitness::fault);
  EXPECT_FALSE(b.tell(beat{0}));
  EXPECT_FALSE(b.tell(beat{control_thread}));
  EXPECT_FALSE(b.tell(beat{1}));
  EXPECT_TRUE(b.tell(beat{2}));
  EXPECT_EQ(b.why(), "balancer healthy");
}

// Worker 0 returns while worker 2 hangs, and hangs while worker 2 returns.
TEST(Track, IsNotHealthyWhileWorkersBeatInTurns) {
  balancer b;
  b.start();
  b.wait(150ms);
  for (const std::uint16_t who : {std::uint16_t{0}, std::uint16_t{1}, control_thread}) b.tell(beat{who});
  b.wait(150ms);
  EXPECT_FALSE(b.tell(beat{2}));
  EXPECT_FALSE(b.tell(beat{1}));
  EXPECT_EQ(b.why(), "balancer worker 0 silent for 150 ms");
  EXPECT_TRUE(b.tell(beat{0}));
}

TEST(Track, CallsAWorkerSilentThatNeverBeats) {
  balancer b;
  b.tell(track::attached{});
  b.wait(1s);
  b.tell(beat{control_thread});
  b.tell(beat{0});
  b.tell(beat{2});
  b.tell(well);  // only now the workers are known
  b.wait(149ms);
  for (const std::uint16_t who : {0, 2}) b.tell(beat{who});
  EXPECT_EQ(b.why(), "balancer not heard yet");
  b.wait(1ms);
  EXPECT_EQ(b.why(), "balancer worker 1 silent for 150 ms");
}

TEST(Track, CallsTheControlThreadSilentThatNeverSpeaks) {
  balancer b;
  b.tell(track::attached{});
  b.wait(10s);
  EXPECT_EQ(b.why(), "balancer control thread silent for 10000 ms");
}

TEST(Track, IsInFaultAtOnceWhenTheBalancerEnds) {
  balancer b;
  b.start();
  EXPECT_TRUE(b.tell(track::ended{}));
  EXPECT_EQ(b.is(), fitness::fault);
  EXPECT_EQ(b.why(), "balancer ended");
  EXPECT_FALSE(b.judge.deadline());
  EXPECT_FALSE(b.tell(beat{0}));  // of before
  EXPECT_FALSE(b.tell(well));
  EXPECT_FALSE(b.tell(track::ended{}));
}

TEST(Track, SaysWhyTheBalancerIsNotReachable) {
  balancer b;
  EXPECT_TRUE(b.tell(track::unreachable{"Connection refused"}));
  EXPECT_FALSE(b.tell(track::unreachable{"Connection refused"}));
  EXPECT_EQ(b.why(), "balancer not reachable: Connection refused");
  EXPECT_TRUE(b.tell(track::unreachable{"No such file or directory"}));
  EXPECT_EQ(b.is(), fitness::fault);
  EXPECT_TRUE(b.tell(track::attached{}));
  EXPECT_EQ(b.why(), "balancer not heard yet");
}

TEST(Track, BelievesTheBalancerThatItStops) {
  balancer b;
  b.start();
  condition last = well;
  last.stopping = true;
  EXPECT_TRUE(b.tell(last));
  EXPECT_EQ(b.is(), fitness::fault);
  EXPECT_EQ(b.why(), "balancer is stopping");
  b.beat_all();
  EXPECT_EQ(b.is(), fitness::fault);
  b.tell(track::ended{});
  b.start();
  EXPECT_EQ(b.is(), fitness::fit) << "the next one does not stop";
}

TEST(Track, KnowsThatItStopsBeforeEverybodyHasBeaten) {
  balancer b;
  b.tell(track::attached{});
  condition last = well;
  last.stopping = true;
  EXPECT_TRUE(b.tell(last));
  EXPECT_EQ(b.why(), "balancer is stopping");
}

TEST(Track, IsFitWithoutAnyServerConfigured) {
  balancer b;
  condition now = well;
  now.servers = now.servers_alive = 0;
  b.start(now);
  EXPECT_EQ(b.is(), fitness::fit);
}

TEST(Track, FaultCoversWhatIsDegraded) {
  balancer b;
  condition now = well;
  now.listeners = 0;
  b.start(now);
  EXPECT_EQ(b.is(), fitness::degraded);
  b.wait(150ms);
  EXPECT_EQ(b.is(), fitness::fault);
  b.beat_all();
  EXPECT_EQ(b.is(), fitness::degraded);
}

// A late receiver does not time out its peer.
TEST(Track, GivesEveryBeatThatMuchMoreTimeAsItOverslept) {
  balancer b;
  b.start();
  b.now += 400ms;  // frozen; the wake of 150 ms comes only now
  EXPECT_FALSE(b.tell(track::overslept{250ms}));
  EXPECT_EQ(b.judge.deadline(), b.now);
  b.beat_all();  // unread so far
  EXPECT_FALSE(b.tell(wake{}));
  EXPECT_EQ(b.is(), fitness::fit);
  b.wait(149ms);
  EXPECT_EQ(b.is(), fitness::fit);
  b.wait(1ms);
  EXPECT_EQ(b.why(), "balancer worker 0 silent for 150 ms");
}

TEST(Track, NeverExtendsBeyondAWholePatienceFromNow) {
  balancer b;
  b.start();
  b.wait(50ms);
  b.tell(track::overslept{1h});
  EXPECT_EQ(b.judge.deadline(), b.now + 150ms);
  b.wait(150ms);
  EXPECT_EQ(b.is(), fitness::fault);
}

TEST(Track, MeetsOtherWorkersAfresh) {
  balancer b;
  b.start();
  condition more = well;
  more.workers = 256;
  EXPECT_TRUE(b.tell(more));
  EXPECT_EQ(b.why(), "balancer not heard yet");
  for (std::uint16_t who = 0; who < 256; ++who) b.tell(beat{who});
  EXPECT_EQ(b.is(), fitness::fault);
  b.tell(beat{control_thread});
  EXPECT_EQ(b.is(), fitness::fit);
  b.wait(150ms);
  EXPECT_EQ(b.is(), fitness::fault);
}

TEST(Track, DoesNotCountBeatsOfWorkersThatThereAreNot) {
  balancer b;
  b.tell(track::attached{});
  condition one = well;
  one.workers = 1;
  b.tell(one);
  b.tell(beat{1});
  b.tell(beat{control_thread});
  b.tell(beat{9999});
  EXPECT_EQ(b.is(), fitness::fault);
  b.tell(beat{0});
  EXPECT_EQ(b.is(), fitness::fit);
}

TEST(Track, KeepsItsKnowledgeThroughAReload) {
  balancer b;
  b.start();
  b.wait(100ms);
  EXPECT_FALSE(b.tell(track::changed{{.patience = 300ms}}));
  EXPECT_EQ(b.judge.deadline(), b.now + 200ms);
  b.tell(track::changed{{.patience = 120ms}});
  b.wait(20ms);
  EXPECT_EQ(b.why(), "balancer worker 0 silent for 120 ms");
}

// A life of the balancer, in steps; and each way it can end, put in after each step.
TEST(Track, EndsInFaultWithTheTrueReasonWhateverFailsAtEveryStep) {
  condition idle = well;
  idle.listeners = 0;
  const std::vector<track::event> life = {
      track::attached{},     well,   beat{0}, beat{1}, beat{2}, beat{control_thread}, idle, well,
      track::overslept{5ms}, beat{0}};
  condition last = well;
  last.stopping = true;
  const std::vector<std::pair<track::event, std::string>> ends = {
      {track::ended{}, "balancer ended"},
      {track::unreachable{"it speaks nonsense"}, "balancer not reachable: it speaks nonsense"},
      {last, "balancer is stopping"}};
  for (std::size_t steps = 1; steps <= life.size(); ++steps) {
    for (const auto& [end, reason] : ends) {
      balancer b;
      for (std::size_t i = 0; i < steps; ++i) {
        b.tell(life[i]);
        b.now += 1ms;
      }
      b.tell(end);
      EXPECT_EQ(b.is(), fitness::fault) << steps;
      EXPECT_EQ(b.why(), reason) << steps;
      b.tell(track::ended{});
      b.start();
      EXPECT_EQ(b.is(), fitness::fit) << steps << " before " << reason;
    }
    balancer silent;
    for (std::size_t i = 0; i < steps; ++i) silent.tell(life[i]);
    silent.wait(10s);
    EXPECT_EQ(silent.is(), fitness::fault) << steps;
    EXPECT_NE(silent.why().find(" silent for "), std::string::npos) << silent.why();
  }
}

}  // namespace

}  // namespace holdfast
