#include "base/ring.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

namespace holdfast {
namespace {

TEST(Ring, GivesBackInOrderWhatWasPushed) {
  ring<int> numbers(8);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(numbers.push(i));
  EXPECT_EQ(numbers.drain(), (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(numbers.drain().empty());
}

TEST(Ring, RefusesBeyondItsLimitAndLeavesTheValueAlone) {
  ring<std::unique_ptr<int>> held(2);
  for (int i = 0; i < 2; ++i) {
    auto value = std::make_unique<int>(i);
    EXPECT_TRUE(held.push(value));
    EXPECT_EQ(value, nullptr);
  }
  auto third = std::make_unique<int>(3);
  EXPECT_FALSE(held.push(third));
  ASSERT_NE(third, nullptr);
  EXPECT_EQ(held.drain().size(), 2U);
  EXPECT_TRUE(held.push(third));
}

TEST(Ring, TakesWhatMustNotGetLostBeyondItsLimit) {
  ring<int> numbers(2);
  for (int i = 0; i < 5; ++i) numbers.add(i);
  int sixth = 5;
  EXPECT_FALSE(numbers.push(sixth));
  EXPECT_EQ(numbers.drain(), (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(numbers.push(sixth));
}

TEST(Ring, LosesAndRepeatsNothingBetweenThreads) {
  constexpr int each = 3'000;
  ring<int> numbers(64);
  const auto pusher = [&](int from) {
    for (int i = 0; i < each; ++i) {
      int value = from + i;
      while (!numbers.push(value)) std::this_thread::yield();
    }
  };
  std::thread one(pusher, 0), two(pusher, each);
  std::vector<int> seen(2 * each);
  int last_of_one = -1, last_of_two = each - 1;
  for (int count = 0; count < 2 * each; std::this_thread::yield()) {
    for (const int value : numbers.drain()) {
      ++seen[static_cast<std::size_t>(value)];
      ++count;
      int& last = value < each ? last_of_one : last_of_two;
      EXPECT_EQ(value, last + 1);
      last = value;
    }
  }
  one.join();
  two.join();
  EXPECT_EQ(seen, std::vector<int>(2 * each, 1));
}

}  // namespace
}  // namespace holdfast
