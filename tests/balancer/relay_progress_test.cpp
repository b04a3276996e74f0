#include "balancer/relay/relay_progress.h"

#include <gtest/gtest.h>

namespace holdfast {

namespace {

struct sides {
  half_state client, server;
  bool client_unsent = false, server_unsent = false, withheld = false;
  fastclose closing = fastclose::off;

  progress judged() const { return progress_of({client, client_unsent}, {server, server_unsent}, withheld, closing); }
};

TEST(RelayProgress, WaitsWhileNothingHasEnded) { EXPECT_EQ(sides{}.judged(), progress::waiting); }

TEST(RelayProgress, IsFinishedWhenBothEndsHaveBeenPassedOn) {
  sides s;
  s.client.passed_on = true;
  EXPECT_EQ(s.judged(), progress::waiting);
  s.server.passed_on = true;
  EXPECT_EQ(s.judged(), progress::finished);
}

TEST(RelayProgress, IsFinishedByOneEndWhereFastcloseSaysSo) {
  for (const auto closing : {fastclose::off, fastclose::up, fastclose::down, fastclose::both}) {
    sides by_client, by_server;
    by_client.closing = by_server.closing = closing;
    by_client.client.passed_on = by_server.server.passed_on = true;
    const bool down = closing == fastclose::down || closing == fastclose::both;
    const bool up = closing == fastclose::up || closing == fastclose::both;
    EXPECT_EQ(by_client.judged() == progress::finished, down);
    EXPECT_EQ(by_server.judged() == progress::finished, up);
  }
}

TEST(RelayProgress, IsLostWhileNoByteHasMoved) {
  sides s;
  s.server.broken = true;
  s.client_unsent = true;  // is kept for the next server
  EXPECT_EQ(s.judged(), progress::server_lost);
}

TEST(RelayProgress, IsResetOnceAnythingHasBeenSentOrCome) {
  sides s;
  s.server.broken = true;
  sides sent = s, came = s, held = s;
  sent.client.moved = 1;
  came.server.moved = 1;
  held.server_unsent = true;
  for (const sides& one : {sent, came, held}) EXPECT_EQ(one.judged(), progress::server_reset);
}

TEST(RelayProgress, IsFinishedByAServerThatEndedBeforeItReset) {
  sides s;
  s.server.broken = s.server.ended = true;
  EXPECT_EQ(s.judged(), progress::finished);
}

TEST(RelayProgress, DoesNotJudgeAWithheldServer) {
  sides s;
  s.server.broken = s.withheld = true;
  EXPECT_EQ(s.judged(), progress::waiting);
  s.client.broken = true;
  EXPECT_EQ(s.judged(), progress::client_reset);
}

TEST(RelayProgress, IsCountedWhenAllThatIsAllowedHasBeenSent) {
  sides s;
  s.client.allowance = 0;
  s.client_unsent = true;
  EXPECT_EQ(s.judged(), progress::waiting);
  s.client_unsent = false;
  EXPECT_EQ(s.judged(), progress::counted);
  s.client.broken = true;
  EXPECT_EQ(s.judged(), progress::client_reset) << "which is worth more";
}

TEST(RelayProgress, MayLeaveBytesUnderWayButAfterTwoEndsInOrder) {
  half_state ended, other;
  ended.passed_on = true;
  for (const auto over : {progress::finished, progress::client_reset, progress::server_reset}) {
    EXPECT_TRUE(may_be_under_way(over, ended, other));
    EXPECT_FALSE(may_be_under_way(over, ended, ended));
  }
  for (const auto not_over : {progress::waiting, progress::again, progress::counted, progress::server_lost}) {
    EXPECT_FALSE(may_be_under_way(not_over, ended, other));
  }
}

}  // namespace

}  // namespace holdfast
