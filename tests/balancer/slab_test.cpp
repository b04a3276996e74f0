#include "balancer/loop/slab.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace holdfast {

namespace {

TEST(Slab, GivesThingsNumbersAndKeepsThemInPlace) {
  slab<std::string> s;
  std::map<std::uint32_t, const std::string*> made;
  for (int i = 0; i < 1000; ++i) {
    const std::uint32_t number = s.make(std::to_string(i));
    made[number] = s.find(number);
  }
  EXPECT_EQ(s.size(), 1000);
  EXPECT_EQ(made.size(), 1000);
  EXPECT_LT(made.rbegin()->first, 1024);
  for (const auto& [number, where] : made) EXPECT_EQ(s.find(number), where);
}

TEST(Slab, ReusesTheSlotDroppedLast) {
  slab<std::string> s;
  const std::uint32_t first = s.make("first");
  const std::uint32_t second = s.make("second");
  s.drop(first);
  EXPECT_EQ(s.find(first), nullptr);
  EXPECT_EQ(s.make("third"), first);
  EXPECT_EQ(*s.find(first), "third");
  EXPECT_EQ(*s.find(second), "second");
}

TEST(Slab, FindsNothingWhereNothingIs) {
  slab<int> s;
  EXPECT_EQ(s.find(0), nullptr);
  EXPECT_EQ(s.find(0xffffffff), nullptr);
}

TEST(Slab, ShowsEachThingOnceAndLetsItBeDropped) {
  slab<int> s;
  for (int i = 0; i < 200; ++i) s.make(i);
  int seen = 0;
  s.each([&](std::uint32_t number, int& value) {
    ++seen;
    if (value % 2 == 0) s.drop(number);
  });
  EXPECT_EQ(seen, 200);
  EXPECT_EQ(s.size(), 100);
  s.each([](std::uint32_t, int& value) { EXPECT_EQ(value % 2, 1); });
}

}  // namespace

}  // namespace holdfast
