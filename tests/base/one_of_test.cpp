#include "base/one_of.h"

#include <gtest/gtest.h>

#include <string>

namespace holdfast {
namespace {

struct things {
  using type = std::variant<int, std::string>;
};
using thing = one_of<things>;

TEST(OneOf, IsAVariantToAll) {
  const thing text = std::string("a text that is too long to be kept inside");
  EXPECT_EQ(thing(), thing(0));
  EXPECT_EQ(std::get<std::string>(text).size(), 41U);
  EXPECT_EQ(std::get_if<int>(&text), nullptr);
  EXPECT_EQ(std::visit([](const auto& what) { return sizeof what; }, thing(7)), sizeof(int));
}

TEST(OneOf, IsCopiedMovedAndCompared) {
  const thing text = std::string("a text that is too long to be kept inside");
  thing copy = text, number = 7;
  EXPECT_EQ(copy, text);
  EXPECT_FALSE(copy == number);
  std::swap(copy, number);
  EXPECT_EQ(number, text);
  EXPECT_EQ(copy, thing(7));
  copy = std::move(number);
  EXPECT_EQ(copy, text);
  const thing& same = copy;
  copy = same;
  EXPECT_EQ(copy, text);
}

}  // namespace
}  // namespace holdfast
