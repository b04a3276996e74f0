#include "vrrp/message/datagram.h"

#include <gtest/gtest.h>

#include <vector>

namespace holdfast {
namespace {

// A header of so many words, a length as it says, and bytes behind it.
std::vector<std::uint8_t> made(std::uint8_t words, std::uint16_t says, std::size_t bytes) {
  std::vector<std::uint8_t> out(bytes, 7);
  out[0] = static_cast<std::uint8_t>(0x40 | words);
  out[2] = static_cast<std::uint8_t>(says >> 8);
  out[3] = static_cast<std::uint8_t>(says);
  return out;
}

TEST(Datagram, CarriesWhatIsBehindItsHeader) {
  EXPECT_EQ(without_ipv4_header(made(5, 28, 28)).size(), 8U);
  EXPECT_EQ(without_ipv4_header(made(6, 28, 28)).size(), 4U) << "with options";
  EXPECT_EQ(without_ipv4_header(made(5, 28, 40)).size(), 8U) << "the frame was filled up";
}

TEST(Datagram, CarriesNothingWhenItContradictsItself) {
  EXPECT_TRUE(without_ipv4_header(made(4, 28, 28)).empty());
  EXPECT_TRUE(without_ipv4_header(made(15, 28, 28)).empty()) << "longer than all of it";
  EXPECT_TRUE(without_ipv4_header(made(5, 29, 28)).empty()) << "cut short";
  EXPECT_TRUE(without_ipv4_header(made(5, 28, 19)).empty());
}

TEST(Datagram, GoesToTheGroupsOfVrrp) {
  EXPECT_EQ(vrrp_group(false).text(), "224.0.0.18");
  EXPECT_EQ(vrrp_group(true).text(), "ff02::12");
}

}  // namespace
}  // namespace holdfast
