#include "balancer/relay/server_window.h"

#include <gtest/gtest.h>

namespace holdfast {

namespace {

TEST(ServerWindow, IsLeftAloneForASmallReply) {
  EXPECT_EQ(next_step(window_growth::untouched, 0), window_step::none);
  EXPECT_EQ(next_step(window_growth::untouched, not_small - 1), window_step::none);
}

TEST(ServerWindow, StopsToGrowOnceAReplyIsNotSmall) {
  EXPECT_EQ(next_step(window_growth::untouched, not_small), window_step::stop);
  EXPECT_EQ(next_step(window_growth::stopped, not_small), window_step::none);
  EXPECT_EQ(next_step(window_growth::stopped, surely_taken - 1), window_step::none);
}

TEST(ServerWindow, AsksTheKernelOnceTheClientMayHaveTakenEnough) {
  EXPECT_EQ(next_step(window_growth::stopped, surely_taken), window_step::ask);
  EXPECT_TRUE(client_takes(surely_taken, 0));
  EXPECT_FALSE(client_takes(surely_taken, 1)) << "that byte is still under way";
  EXPECT_TRUE(client_takes(surely_taken + 1, 1));
}

TEST(ServerWindow, IsNeverTouchedAgain) {
  EXPECT_EQ(next_step(window_growth::free, surely_taken * 100), window_step::none);
}

}  // namespace

}  // namespace holdfast
