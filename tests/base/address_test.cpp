#include "base/address.h"

#include <gtest/gtest.h>

#include <map>

namespace holdfast {
namespace {

address parsed(std::string_view text) { return *address::parse(text); }
prefix network(std::string_view text) { return *prefix::parse(text); }

TEST(Address, ReadsAndPrintsBothFamilies) {
  for (const char* text : {"192.0.2.1", "0.0.0.0", "255.255.255.255", "2001:db8::1", "::", "::1", "fe80::1:2"}) {
    EXPECT_EQ(parsed(text).text(), text);
  }
  EXPECT_EQ(parsed("[2001:db8::1]"), parsed("2001:DB8:0:0:0:0:0:1"));
}

TEST(Address, IsLinkLocalInFe80Slash10) {
  for (const char* text : {"fe80::1", "febf::", "fea0::9"}) EXPECT_TRUE(parsed(text).is_link_local()) << text;
  for (const char* text : {"fec0::1", "fe7f::1", "ff80::1", "::", "2001:db8::1", "169.254.0.1"}) {
    EXPECT_FALSE(parsed(text).is_link_local()) << text;
  }
}

TEST(Address, OfFourBytesLivesInTheMappedRange) {
  EXPECT_EQ(parsed("192.0.2.1"), address::v4(0xc0000201));
  EXPECT_EQ(parsed("::ffff:192.0.2.1"), parsed("192.0.2.1"));
  EXPECT_TRUE(parsed("::ffff:192.0.2.1").is_v4());
  EXPECT_FALSE(parsed("::192.0.2.1").is_v4());
  EXPECT_EQ(parsed("192.0.2.1").v4_value(), 0xc0000201U);
}

TEST(Address, RefusesWhatIsNoAddress) {
  for (const std::string_view text :
       {"", " ", "localhost", "192.0.2", "192.0.2.256", "192.0.2.1 ", "1.2.3.4.5", "[", "[]", "[192.0.2.1]", "[::1",
        "::1]", "::1%eth0", ":::", "2001:db8::1/64", "01.2.3.4x"}) {
    const auto read = address::parse(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error(), address_error::not_an_address) << text;
  }
  EXPECT_FALSE(address::parse(std::string_view("1.2.3.4\0", 8)));
  EXPECT_FALSE(address::parse(std::string(100'000, ':')));
}

TEST(Address, KeepsTheFirstBitsWhenMasked) {
  const address all = parsed("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  for (unsigned length = 0; length <= 128; ++length) {
    const address cut = all.masked(length);
    for (unsigned bit = 0; bit < 128; ++bit) {
      const bool set = (cut.bytes()[bit / 8] >> (7 - bit % 8) & 1) != 0;
      ASSERT_EQ(set, bit < length) << "bit " << bit << " of /" << length;
    }
  }
}

TEST(Prefix, ContainsItsNetworkAndNothingElse) {
  EXPECT_TRUE(network("10.0.0.0/8").contains(parsed("10.255.255.255")));
  EXPECT_FALSE(network("10.0.0.0/8").contains(parsed("11.0.0.0")));
  EXPECT_TRUE(network("2001:db8::/33").contains(parsed("2001:db8:7fff::1")));
  EXPECT_FALSE(network("2001:db8::/33").contains(parsed("2001:db8:8000::1")));
  EXPECT_TRUE(network("192.0.2.1").contains(parsed("192.0.2.1")));
  EXPECT_FALSE(network("192.0.2.1").contains(parsed("192.0.2.2")));
  EXPECT_TRUE(network("0.0.0.0/0").contains(parsed("203.0.113.9")));
  EXPECT_FALSE(network("0.0.0.0/0").contains(parsed("2001:db8::1")));
}

TEST(Prefix, MasksHostBitsAway) {
  EXPECT_EQ(network("10.1.2.3/8").text(), "10.0.0.0/8");
  EXPECT_EQ(network("2001:db8::1/32").text(), "2001:db8::/32");
  EXPECT_EQ(network("10.1.2.3/32").text(), "10.1.2.3");
  EXPECT_EQ(network("2001:db8::1/128").text(), "2001:db8::1");
}

TEST(Prefix, PrintsWhatItReads) {
  for (const char* text :
       {"0.0.0.0/0", "10.0.0.0/8", "192.0.2.128/25", "192.0.2.1", "::/0", "::/96", "2001:db8::/127"}) {
    EXPECT_EQ(network(text).text(), text);
    EXPECT_EQ(network(network(text).text()), network(text));
  }
}

TEST(Prefix, RefusesWrongLengths) {
  for (const char* text : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8x", "::/129",
                           "10.0.0.0/99999999999", "10.0.0.0/ 8"}) {
    ASSERT_FALSE(prefix::parse(text)) << text;
    EXPECT_EQ(prefix::parse(text).error(), address_error::bad_prefix_length) << text;
  }
  EXPECT_EQ(prefix::parse("net/8").error(), address_error::not_an_address);
}

TEST(Prefix, ReadsPensDottedMasks) {
  EXPECT_EQ(*prefix::parse("10.1.2.3", "255.0.0.0"), network("10.0.0.0/8"));
  EXPECT_EQ(*prefix::parse("10.1.2.3", "255.255.255.255"), network("10.1.2.3"));
  EXPECT_EQ(*prefix::parse("10.1.2.3", "0.0.0.0"), network("0.0.0.0/0"));
  EXPECT_EQ(prefix::parse("10.1.2.3", "255.0.255.0").error(), address_error::bad_mask);
  EXPECT_EQ(prefix::parse("10.1.2.3", "ffff::").error(), address_error::bad_mask);
  EXPECT_EQ(prefix::parse("::1", "255.0.0.0").error(), address_error::not_an_address);
}

TEST(Endpoint, PrintsAddressWithPortOrPath) {
  EXPECT_EQ((endpoint{parsed("192.0.2.1"), 80, ""}).text(), "192.0.2.1:80");
  EXPECT_EQ((endpoint{parsed("2001:db8::1"), 443, ""}).text(), "[2001:db8::1]:443");
  EXPECT_EQ((endpoint{{}, 0, "/run/x.sock"}).text(), "/run/x.sock");
}

TEST(Port, IsOneTo65535InDigits) {
  EXPECT_EQ(*parse_port("1"), 1);
  EXPECT_EQ(*parse_port("65535"), 65535);
  EXPECT_EQ(*parse_port("0", true), 0);
  for (const char* text : {"0", "65536", "", "-1", "+1", "80 ", "http", "0x50", "99999999999"}) {
    ASSERT_FALSE(parse_port(text)) << text;
    EXPECT_EQ(parse_port(text).error(), address_error::bad_port) << text;
  }
}

}  // namespace
}  // namespace holdfast
