#include "balancer/loop/slab.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
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

TEST(Slab, GoesOnWhereItStopped) {
  slab<int> s;
  for (int i = 0; i < 200; ++i) s.make(i);
  std::uint32_t cursor = 0;
  std::vector<std::uint32_t> seen;
  int calls = 0;
  for (bool through = false; !through; ++calls) {
    std::size_t left = 7;
    through = s.each_from(cursor, [&](std::uint32_t number, int&) {
      seen.push_back(number);
      if (number % 3 == 0) s.drop(number);
      return --left > 0;
    });
  }
  EXPECT_EQ(calls, 200 / 7 + 1);
  EXPECT_EQ(seen.size(), 200);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), 200);
  cursor = 0;
  EXPECT_FALSE(s.each_from(cursor, [](std::uint32_t, int&) { return false; }));
  EXPECT_TRUE(s.each_from(cursor, [](std::uint32_t number, int&) { return number % 3 != 0; }));
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
