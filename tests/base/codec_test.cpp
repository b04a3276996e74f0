#include "base/codec.h"

#include <gmock/gmock.h>

namespace holdfast {

namespace {

using testing::ElementsAre;

TEST(Codec, SaysTheHighestByteFirst) {
  byte_writer out;
  out.number(std::uint32_t{0x01020304});
  out.number(std::uint8_t{5});
  out.text("ab");
  EXPECT_THAT(out.take(), ElementsAre(1, 2, 3, 4, 5, 2, 'a', 'b'));
}

TEST(Codec, ReadsWhatItWrote) {
  enum class colour : std::uint8_t { red, green };
  byte_writer out;
  out.choice(colour::green);
  out.number(~std::uint64_t{0});
  out.text("");
  out.put(std::vector<std::uint8_t>{7, 8});
  const auto bytes = out.take();
  byte_reader in(bytes);
  EXPECT_EQ(in.number<std::uint8_t>(), 1);
  EXPECT_EQ(in.number<std::uint64_t>(), ~std::uint64_t{0});
  EXPECT_EQ(in.text(), "");
  EXPECT_TRUE(in.has(2));
  EXPECT_FALSE(in.has(3));
  EXPECT_THAT(in.part(2), ElementsAre(7, 8));
  EXPECT_TRUE(in.complete());
}

TEST(Codec, ReadsZerosOnceItHasComeToTheEnd) {
  const std::vector<std::uint8_t> bytes{200, 1};
  byte_reader in(bytes);
  EXPECT_EQ(in.text(), "") << "two hundred bytes are not there";
  EXPECT_FALSE(in.complete());
  EXPECT_EQ(in.number<std::uint8_t>(), 0) << "nor is anything after that";
}

}  // namespace

}  // namespace holdfast
