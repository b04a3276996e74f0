#include "balancer/cluster/server_states.h"

#include <gtest/gtest.h>

namespace holdfast {

namespace {

constexpr unix_ms noon = 1'700'000'000'000;
constexpr unix_ms hour = 3'600'000;

sync_server_state web(bool drain, bool up = true) {
  return {.service = "web", .identity = "web1", .drain = drain, .up = up};
}

struct node {
  hybrid_clock clock;
  server_states states{clock};
};

TEST(ServerStates, TellsWhatIsNew) {
  node lb1;
  EXPECT_EQ(lb1.states.look(web(false), noon), web(false));
  EXPECT_FALSE(lb1.states.look(web(false), noon));
  EXPECT_EQ(lb1.states.look(web(false, false), noon)->said, 0U) << "a check has said that, no operator";
  EXPECT_EQ(lb1.states.look(web(true), noon + 1)->said, stamp_at(noon + 1));
  EXPECT_FALSE(lb1.states.look(web(true), noon + 2));
}

TEST(ServerStates, TheLaterWordCounts) {
  node lb1, lb2;
  lb2.states.look(web(false), noon);
  lb1.states.look(web(false), noon);
  const auto word = lb1.states.look(web(true), noon);
  const auto counts = lb2.states.take(*word, false, noon);
  ASSERT_TRUE(counts);
  EXPECT_TRUE(counts->drain);
  EXPECT_FALSE(counts->up) << "whether it is up we see ourselves";
  EXPECT_FALSE(lb2.states.take(*word, true, noon)) << "it is known";
  EXPECT_FALSE(lb2.states.look({.service = "web", .identity = "web1", .drain = true, .up = false}, noon))
      << "nor is it a word of ours";
}

TEST(ServerStates, WhatAFileSaysConcernsNobodyElse) {
  node lb1;
  lb1.states.look(web(false), noon);
  EXPECT_FALSE(lb1.states.take(web(true), true, noon));
}

TEST(ServerStates, WhoseClockIsAnHourBehindIsObeyed) {
  node fast, slow;
  fast.states.look(web(false), noon + hour);
  slow.states.look(web(false), noon);
  slow.states.take(*fast.states.look(web(true), noon + hour), true, noon);
  const auto later = slow.states.look(web(false), noon + 1'000);
  const auto counts = fast.states.take(*later, true, noon + hour + 1'000);
  ASSERT_TRUE(counts);
  EXPECT_FALSE(counts->drain);
}

TEST(ServerStates, OfTwoWordsAtOnceBothNodesTakeTheSame) {
  node lb1, lb2;
  lb1.states.look(web(false), noon);
  lb2.states.look(web(true), noon);
  const auto drains = lb1.states.look(web(true), noon + 1), takes = lb2.states.look(web(false), noon + 1);
  ASSERT_EQ(drains->said, takes->said);
  EXPECT_FALSE(lb1.states.take(*takes, true, noon));
  EXPECT_TRUE(lb2.states.take(*drains, true, noon));
}

TEST(ServerStates, BelievesNoStampThatNoClockShows) {
  node lb1;
  lb1.states.look(web(false), noon);
  auto word = web(true);
  word.said = ~stamp{0};
  EXPECT_FALSE(lb1.states.take(word, true, noon));
  EXPECT_EQ(lb1.states.look(web(true), noon)->said, stamp_at(noon));
}

}  // namespace
}  // namespace holdfast
