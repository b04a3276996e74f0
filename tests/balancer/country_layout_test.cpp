#include "balancer/choice/country_layout.h"

#include <gtest/gtest.h>

#include <string>

namespace holdfast {

namespace {

const std::string marker = "\xab\xcd\xefMaxMind.com";

std::string text(const std::string& s) { return static_cast<char>(0x40 + s.size()) + s; }
std::string number(char size, const std::string& bytes) { return static_cast<char>(0xc0 + size) + bytes; }

// A tree of `bytes`, the separator, and metadata with these two numbers and some others around them.
std::string file(std::size_t bytes, const std::string& nodes, const std::string& record_size) {
  const std::string array = std::string("\x02\x04") + text("en") + text("de");
  return std::string(bytes + 16, '\0') + marker + "\xe4" + text("languages") + array + text("node_count") + nodes +
         text("x") + std::string("\xe1") + text("y") + text("z") + text("record_size") + record_size;
}

TEST(CountryLayout, IsReadFromTheMetadata) {
  const auto layout = read_country_layout(file(12, number(1, "\x02"), number(1, "\x18")));
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->nodes, 2);
  EXPECT_EQ(layout->node_bytes, 6);
}

TEST(CountryLayout, IsNoneWhenTheTreeDoesNotFit) {
  EXPECT_FALSE(read_country_layout(file(11, number(1, "\x02"), number(1, "\x18"))));
  EXPECT_FALSE(read_country_layout(file(12, number(4, "\xff\xff\xff\xff"), number(1, "\x18"))));
}

TEST(CountryLayout, IsNoneForSizesThatDoNotExist) {
  EXPECT_FALSE(read_country_layout(file(400, number(1, "\x02"), number(1, "\x19"))));
  EXPECT_FALSE(read_country_layout(file(400, number(1, "\x02"), number(0, ""))));
  EXPECT_FALSE(read_country_layout(file(400, number(0, ""), number(1, "\x18"))));
}

TEST(CountryLayout, IsNoneWithoutMetadata) {
  EXPECT_FALSE(read_country_layout(""));
  EXPECT_FALSE(read_country_layout("nothing to see"));
  EXPECT_FALSE(read_country_layout(marker));
}

TEST(CountryLayout, IsNoneWhereverTheFileIsCut) {
  const std::string whole = file(12, number(1, "\x02"), number(1, "\x18"));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(read_country_layout(whole.substr(0, length))) << length;
  }
}

TEST(CountryLayout, IsNoneWhenItIsNestedWithoutEnd) {
  const std::string deep = std::string(32, '\0') + marker + "\xe1" + text("x");
  std::string nested = deep;
  for (int i = 0; i < 100'000; ++i) nested += std::string("\x01\x04", 2);
  EXPECT_FALSE(read_country_layout(nested));
  EXPECT_FALSE(read_country_layout(deep + std::string("\xff\xff\xff\xff", 4)));  // 16 million elements, none there
}

}  // namespace

}  // namespace holdfast
