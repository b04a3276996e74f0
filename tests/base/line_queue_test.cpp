#include "base/log/line_queue.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(LineQueue, GivesAllThatCameInOrder) {
  line_queue q(100);
  EXPECT_TRUE(q.empty());
  EXPECT_EQ(q.push("one\n"), 0U);
  EXPECT_EQ(q.push("two\nthree\n"), 0U);
  const auto all = q.take();
  EXPECT_EQ(all.lines, "one\ntwo\nthree\n");
  EXPECT_EQ(all.lost, 0U);
  EXPECT_TRUE(q.empty());
}

TEST(LineQueue, SaysWhetherThereIsRoom) {
  line_queue q(10);
  EXPECT_TRUE(q.has_room(10));
  EXPECT_FALSE(q.has_room(11));
  q.push("12345\n");
  EXPECT_TRUE(q.has_room(4));
  EXPECT_FALSE(q.has_room(5));
  q.push("12345\n");
  EXPECT_FALSE(q.has_room(1)) << "something is lost";
  q.take();
  EXPECT_TRUE(q.has_room(10));
}

TEST(LineQueue, LosesWhatFindsNoRoomAndAllBehindItUntilSomebodyTakes) {
  line_queue q(10);
  EXPECT_EQ(q.push("12345\n"), 0U);
  EXPECT_EQ(q.push("12345\n1\n"), 2U) << "all of it or nothing";
  EXPECT_EQ(q.push("1\n"), 1U) << "there is room, but the gap is before it";
  const auto all = q.take();
  EXPECT_EQ(all.lines, "12345\n");
  EXPECT_EQ(all.lost, 3U);
  EXPECT_EQ(q.push("12345678\n"), 0U);
  EXPECT_EQ(q.take().lost, 0U);
}

TEST(LineQueue, HoldsNoMoreThanItsLimit) {
  line_queue q(6);
  EXPECT_EQ(q.push("12345\n"), 0U) << "exactly";
  EXPECT_EQ(q.push("\n"), 1U);
  EXPECT_FALSE(q.empty());
  EXPECT_EQ(q.take().lines.size(), 6U);
}

TEST(LineQueue, HasNewsWhenLinesAreLostThoughNoneWait) {
  line_queue q(3);
  EXPECT_EQ(q.push("1234\n"), 1U);
  EXPECT_FALSE(q.empty());
}

TEST(LinesAtHand, AreWrittenInPieces) {
  lines_at_hand at;
  at.take("one\ntwo\n");
  at.written(2);
  EXPECT_EQ(at.rest(), "e\ntwo\n");
  at.written(6);
  EXPECT_EQ(at.rest(), "");
  EXPECT_EQ(at.give_up(), 0U);
}

TEST(LinesAtHand, GivenUpCountTheOneThatWasBegun) {
  lines_at_hand at;
  at.take("one\ntwo\nthree\n");
  at.written(6);
  EXPECT_EQ(at.give_up(), 2U);
  EXPECT_EQ(at.rest(), "");
}

TEST(LinesAtHand, EndATornLineBeforeTheNextOnes) {
  lines_at_hand at;
  at.take("one\n");
  at.written(2);
  EXPECT_EQ(at.give_up(), 1U);
  at.take("");
  EXPECT_EQ(at.rest(), "") << "not for nothing";
  at.take("two\n");
  EXPECT_EQ(at.rest(), "\ntwo\n");
  EXPECT_EQ(at.give_up(), 1U) << "the torn one has been counted";
  at.take("three\n");
  EXPECT_EQ(at.rest(), "\nthree\n") << "it is torn still";
  at.written(1);
  EXPECT_EQ(at.give_up(), 1U);
  at.take("four\n");
  EXPECT_EQ(at.rest(), "four\n");
}

TEST(LinesAtHand, BeginTheirLineAgainElsewhere) {
  lines_at_hand at;
  at.take("one\ntwo\n");
  at.begin_line_again();
  EXPECT_EQ(at.rest(), "one\ntwo\n");
  at.written(2);
  at.begin_line_again();
  EXPECT_EQ(at.rest(), "one\ntwo\n");
  at.written(4);
  at.begin_line_again();
  EXPECT_EQ(at.rest(), "two\n");
  at.written(2);
  EXPECT_EQ(at.give_up(), 1U);
  at.take("three\n");
  at.begin_line_again();
  EXPECT_EQ(at.rest(), "three\n") << "there no line is torn";
  at.written(6);
  at.begin_line_again();
  EXPECT_EQ(at.rest(), "");
}

}  // namespace
}  // namespace holdfast
