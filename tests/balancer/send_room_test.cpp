#include "balancer/relay/send_room.h"

#include <gtest/gtest.h>

namespace holdfast {

namespace {

TEST(SendRoom, IsWhatIsMissingToTheMostThatMayWait) {
  EXPECT_EQ(room_in({.unsent = 1, .most_unsent = 1000}), 999);
  EXPECT_EQ(room_in({.unsent = 1000, .most_unsent = 1000}), 0);
  EXPECT_EQ(room_in({.unsent = 1001, .most_unsent = 1000}), 0) << "the limit came later than the bytes";
  EXPECT_EQ(room_in({.unsent = 1, .most_unsent = 1000, .used = 0, .limit = 0}), 999) << "whatever the buffer says";
}

TEST(SendRoom, IsTheBuffersLessTheKernelsShareWhileNoneWaits) {
  EXPECT_EQ(room_in({.used = 0, .limit = 8000}), 7000);
  EXPECT_EQ(room_in({.used = 4000, .limit = 8000}), 3500);
}

TEST(SendRoom, IsNoneInAFullBuffer) {
  EXPECT_EQ(room_in({.used = 8000, .limit = 8000}), 0);
  EXPECT_EQ(room_in({.used = 9000, .limit = 8000}), 0) << "the kernel goes beyond it";
}

}  // namespace

}  // namespace holdfast
