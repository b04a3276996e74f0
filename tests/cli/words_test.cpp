#include "cli/language/words.h"

#include <gtest/gtest.h>

namespace holdfast {

namespace {

using namespace std::chrono_literals;

TEST(Duration, IsSecondsWithoutAUnit) {
  EXPECT_EQ(read_time("30"), 30s);
  EXPECT_EQ(read_time("0"), 0s);
}

TEST(Duration, CarriesUnits) {
  EXPECT_EQ(read_time("100ms"), 100ms);
  EXPECT_EQ(read_time("2s"), 2s);
  EXPECT_EQ(read_time("5m"), 5min);
  EXPECT_EQ(read_time("1h"), 1h);
  EXPECT_EQ(read_time("2d"), 48h);
}

TEST(Duration, RefusesWhatIsNone) {
  for (const char* text :
       {"", "s", "ms", "-1", "+1", "1.5", "1 s", "1x", "1S", "0x10", "99999999999999999999", "5mss"}) {
    EXPECT_FALSE(read_time(text)) << text;
  }
}

TEST(Duration, EndsAtTenYears) {
  EXPECT_EQ(read_time("3650d"), max_time);
  EXPECT_FALSE(read_time("3651d"));
  EXPECT_EQ(read_time("315360000"), max_time);
  EXPECT_FALSE(read_time("315360001"));
  EXPECT_FALSE(read_time("18446744073709551615ms"));
}

TEST(Duration, IsPrintedInTheLargestWholeUnit) {
  EXPECT_EQ(print_time(0s), "0");
  EXPECT_EQ(print_time(90s), "90s");
  EXPECT_EQ(print_time(120s), "2m");
  EXPECT_EQ(print_time(1500ms), "1500ms");
  EXPECT_EQ(print_time(72h), "3d");
}

TEST(Duration, KeepsToItsStepsWhereItHasSome) {
  using word = time_word<10, 40'950, 10>;
  EXPECT_EQ(word::expects(), "a duration from 10ms to 40950ms in steps of 10ms");
  EXPECT_EQ(word::read("1"), 1s);
  EXPECT_EQ(word::read("40950ms"), 40'950ms);
  for (const char* text : {"0", "5ms", "15ms", "41", "40960ms"}) EXPECT_FALSE(word::read(text)) << text;
}

TEST(TimeOrOff, IsEither) {
  using word = time_or_off_word<1000, 60'000>;
  EXPECT_EQ(word::expects(), "a duration from 1s to 1m, or off");
  EXPECT_EQ(word::read("off"), 0s);
  EXPECT_EQ(word::print(0s), "off");
  EXPECT_EQ(word::print(1500ms), "1500ms");
}

TEST(Lease, IsATimeOrAutoOrOff) {
  EXPECT_EQ(lease_word::expects(), "a duration from 1s to 1m in steps of 1s, auto or off");
  EXPECT_EQ(lease_word::read("off"), 0s);
  EXPECT_EQ(lease_word::print(0s), "off");
  EXPECT_EQ(lease_word::read("auto"), automatic_time);
  EXPECT_EQ(lease_word::print(automatic_time), "auto");
  EXPECT_EQ(lease_word::read("60"), 60s);
  for (const char* text : {"0", "1500ms", "61", "on"}) EXPECT_FALSE(lease_word::read(text)) << text;
}

TEST(Interval, IsATimeOrAuto) {
  EXPECT_EQ(advert_interval_word::expects(), "a duration from 10ms to 40950ms in steps of 10ms, or auto");
  EXPECT_EQ(advert_interval_word::read("auto"), automatic_time);
  EXPECT_EQ(advert_interval_word::print(automatic_time), "auto");
  EXPECT_EQ(advert_interval_word::read("50ms"), 50ms);
  for (const char* text : {"0", "15ms", "41", "off"}) EXPECT_FALSE(advert_interval_word::read(text)) << text;
}

TEST(GroupName, IsNoneOfTheWordsAfterVrrp) {
  EXPECT_TRUE(is_group("front"));
  for (const char* text : {"release", "take", "announce", "", "a/b"}) EXPECT_FALSE(is_group(text)) << text;
}

TEST(InterfaceName, IsWhatLinuxAllows) {
  for (const char* text : {"eth0", "br-1a2b", "eth0.17@x", "fifteen-bytes-x"}) EXPECT_TRUE(is_interface(text)) << text;
  for (const char* text : {"", "sixteen-bytes-xy", "a/b", "a b", "a\t", ".", "..", "#0"}) {
    EXPECT_FALSE(is_interface(text)) << text;
  }
}

TEST(LinkAddress, StandsAloneWithoutALength) {
  const auto printed = [](std::string_view text) {
    const auto read = link_address_word::read(text);
    return read ? link_address_word::print(*read) : "none";
  };
  EXPECT_EQ(printed("192.0.2.80/24"), "192.0.2.80/24");
  EXPECT_EQ(printed("192.0.2.80"), "192.0.2.80/32");
  EXPECT_EQ(printed("2001:DB8::80/64"), "2001:db8::80/64");
  EXPECT_EQ(printed("fe80::1"), "fe80::1/128");
}

TEST(LinkAddress, IsOfOneHost) {
  for (const char* text : {"0.0.0.0", "::", "224.0.0.18", "255.255.255.255", "ff02::12/64", "192.0.2.80/0",
                           "192.0.2.80/33", "::1/129", "192.0.2.80/", "192.0.2.80/255.255.255.0", "eth0"}) {
    EXPECT_FALSE(link_address_word::read(text)) << text;
  }
}

TEST(Count, KeepsToItsRange) {
  using word = count_word<2, 5>;
  EXPECT_FALSE(word::read("1"));
  EXPECT_EQ(word::read("2"), 2U);
  EXPECT_EQ(word::read("5"), 5U);
  EXPECT_FALSE(word::read("6"));
  EXPECT_FALSE(word::read("-3"));
  EXPECT_FALSE(word::read("4294967298"));  // 2 in 32 bits
}

TEST(Name, HasLettersDigitsAndAFewSigns) {
  EXPECT_TRUE(is_name("0"));
  EXPECT_TRUE(is_name("web-1.example_x"));
  EXPECT_TRUE(is_name(std::string(64, 'a')));
  for (const std::string& text :
       {std::string(), std::string("-a"), std::string("a b"), std::string("a/b"), std::string(65, 'a')}) {
    EXPECT_FALSE(is_name(text)) << text;
  }
}

TEST(Port, IsANumberOrTheNameOfAService) {
  for (const char* text : {"1", "80", "65535", "smtp", "http-alt", "0"}) EXPECT_TRUE(is_port_or_zero(text)) << text;
  for (const char* text : {"", "65536", "080", "-1", "80x", "a:b", "1 2"}) EXPECT_FALSE(is_port_or_zero(text)) << text;
}

TEST(HostPlace, IsAHostWithOrWithoutPort) {
  EXPECT_EQ(host_word::read("www1"), (place{"www1", "", ""}));
  EXPECT_EQ(host_word::read("www1:80"), (place{"www1", "80", ""}));
  EXPECT_EQ(host_word::read("192.0.2.1:smtp"), (place{"192.0.2.1", "smtp", ""}));
  EXPECT_EQ(host_word::read("/run/x.sock"), (place{"", "", "/run/x.sock"}));
}

TEST(HostPlace, TakesIpv6AloneOrInBrackets) {
  EXPECT_EQ(host_word::read("2001:db8::1"), (place{"2001:db8::1", "", ""}));
  EXPECT_EQ(host_word::read("[2001:db8:0::1]:80"), (place{"2001:db8::1", "80", ""}));
  EXPECT_EQ(host_word::read("[::1]"), (place{"::1", "", ""}));
  EXPECT_FALSE(host_word::read("2001:db8::g"));
  EXPECT_FALSE(host_word::read("[www1]:80"));
}

TEST(HostPlace, RefusesWhatIsNone) {
  for (const char* text :
       {"", ":80", "host:", "host:0", "host:70000", "256.1.1.1", "80", "1.2.3", "-x", "a b", "none:"}) {
    EXPECT_FALSE(host_word::read(text)) << text;
  }
}

TEST(HostPlace, ReadsBackWhatItPrints) {
  for (const char* text : {"www1", "www1:80", "[::1]:80", "::1", "/run/x.sock", "192.0.2.1:http"}) {
    EXPECT_EQ(host_word::print(host_word::read(text).value()), text);
  }
}

TEST(ServerAddress, MayBeNone) {
  EXPECT_EQ(server_address_word::read("none"), place{});
  EXPECT_EQ(server_address_word::read(pen_no_address), place{});
  EXPECT_EQ(server_address_word::print(place{}), "none");
}

TEST(ListenPlace, NeedsAPort) {
  EXPECT_EQ(listen_word::read("80"), (place{"", "80", ""}));
  EXPECT_EQ(listen_word::read(":80"), (place{"", "80", ""}));
  EXPECT_EQ(listen_word::read("*:80"), (place{"", "80", ""}));
  EXPECT_EQ(listen_word::read("192.0.2.80:443"), (place{"192.0.2.80", "443", ""}));
  EXPECT_EQ(listen_word::read("[::1]:smtp"), (place{"::1", "smtp", ""}));
  EXPECT_EQ(listen_word::read("/run/front"), (place{"", "", "/run/front"}));
  EXPECT_EQ(listen_word::read("./front"), (place{"", "", "./front"}));
  EXPECT_EQ(listen_word::read("../front"), (place{"", "", "../front"}));
  for (const char* text : {"", "0", "192.0.2.80", "host:", "::1", "70000", "x/y"}) {
    EXPECT_FALSE(listen_word::read(text)) << text;
  }
}

TEST(ListenRange, IsOfAtMost256Ports) {
  EXPECT_EQ(listen_range_word::read("10.0.0.1:30000-30100"), (place{"10.0.0.1", "30000-30100", ""}));
  EXPECT_EQ(listen_range_word::read("1-256"), (place{"", "1-256", ""}));
  EXPECT_EQ(listen_range_word::read("[::1]:7-7"), (place{"::1", "7-7", ""}));
  EXPECT_EQ(listen_range_word::read("80"), (place{"", "80", ""}));
  EXPECT_EQ(listen_range_word::read("iso-tsap"), (place{"", "iso-tsap", ""})) << "the name of a port";
  EXPECT_EQ(listen_range_word::read("/run/a-1"), (place{"", "", "/run/a-1"}));
  for (const char* text : {"1-257", "9-8", "0-3", "1-", "-1", "1-2-3", "65535-65536"}) {
    EXPECT_FALSE(listen_range_word::read(text)) << text;
  }
  EXPECT_EQ(places_of({"h", "8-9", ""}), (std::vector<place>{{"h", "8", ""}, {"h", "9", ""}}));
  EXPECT_EQ(places_of({"h", "iso-tsap", ""}), (std::vector<place>{{"h", "iso-tsap", ""}}));
  EXPECT_EQ(places_of({"", "", "/run/8-9"}), (std::vector<place>{{"", "", "/run/8-9"}}));
}

TEST(Mode, IsOfPermissionBitsInOctal) {
  EXPECT_EQ(mode_word::read("0660"), 0660U);
  EXPECT_EQ(mode_word::read("777"), 0777U);
  EXPECT_EQ(mode_word::print(0660), "0660");
  for (const char* text : {"", "1000", "888", "rw", "-1"}) EXPECT_FALSE(mode_word::read(text)) << text;
}

TEST(HostHeader, IsANameOrAddressPerhapsWithAPort) {
  for (const char* text : {"www.example.org", "www.example.org:81", "10.0.0.1", "[::1]", "[::1]:80"}) {
    EXPECT_TRUE(host_header_word::read(text)) << text;
  }
  for (const char* text : {"", "a b", "a\r\nX:", "[::1", "a:http", "[nobody]"}) {
    EXPECT_FALSE(host_header_word::read(text)) << text;
  }
}

TEST(ListenPlace, TakesPensWayToSayAnyIpv6Address) {
  EXPECT_EQ(listen_word::read(":::8080"), (place{"::", "8080", ""}));
  EXPECT_EQ(listen_word::read("::1:8080"), (place{"::1", "8080", ""}));
  EXPECT_EQ(listen_word::read("2001:db8::5:smtp"), (place{"2001:db8::5", "smtp", ""}));
  EXPECT_EQ(listen_word::print(*listen_word::read("::1:8080")), "[::1]:8080");
  for (const char* text : {"::1", "2001:db8::80", "::1:0", "1:2:3:4:5:6:7:8", "192.0.2.1:1:80", "front/x"}) {
    EXPECT_FALSE(listen_word::read(text)) << text;
  }
}

TEST(TcpPlace, IsNoPath) {
  EXPECT_TRUE(tcp_word::read("127.0.0.1:8888"));
  EXPECT_FALSE(tcp_word::read("/run/x"));
}

TEST(PeerPlace, NeedsHostAndPort) {
  EXPECT_TRUE(peer_word::read("10.0.0.1:7700"));
  EXPECT_FALSE(peer_word::read("10.0.0.1"));
  EXPECT_FALSE(peer_word::read("7700"));
}

TEST(LogPlace, IsAFileUnlessItHasAPort) {
  EXPECT_EQ(log_word::read("/var/log/pen.log"), (place{"", "", "/var/log/pen.log"}));
  EXPECT_EQ(log_word::read("pen.log"), (place{"", "", "pen.log"}));
  EXPECT_EQ(log_word::read("loghost:514"), (place{"loghost", "514", ""}));
}

TEST(Country, IsTwoLettersOfAnySize) {
  EXPECT_EQ(country_word::print(country_word::read("gb").value()), "GB");
  for (const char* text : {"", "G", "GBR", "G1", "@A"}) EXPECT_FALSE(country_word::read(text)) << text;
}

TEST(Statuses, AreAClassANumberOrARange) {
  EXPECT_EQ(statuses_word::read("2xx"), (say::statuses{200, 299}));
  EXPECT_EQ(statuses_word::read("204"), (say::statuses{204, 204}));
  EXPECT_EQ(statuses_word::read("200-399"), (say::statuses{200, 399}));
  for (const char* text : {"", "6xx", "99", "600", "399-200", "200-", "-200", "2x", "200-399-400"}) {
    EXPECT_FALSE(statuses_word::read(text)) << text;
  }
  EXPECT_EQ(statuses_word::print({200, 299}), "2xx");
  EXPECT_EQ(statuses_word::print({204, 204}), "204");
  EXPECT_EQ(statuses_word::print({200, 204}), "200-204");
}

TEST(File, IsAtMostAKibibyteAndNoComment) {
  EXPECT_TRUE(is_file(std::string(1024, 'x')));
  EXPECT_FALSE(is_file(std::string(1025, 'x')));
  EXPECT_FALSE(is_file(""));
  EXPECT_FALSE(is_file("#x"));
  EXPECT_FALSE(is_file("a b"));
  EXPECT_TRUE(is_file("/\xc3\xa9"));
}

TEST(Check, AsksAtMostTenTimesASecond) {
  EXPECT_TRUE(time_word<100>::read("100ms"));
  EXPECT_FALSE(time_word<100>::read("99ms"));
}

TEST(Target, IsAPathOfPrintableAscii) {
  EXPECT_TRUE(is_target("/healthz?x=1"));
  for (const char* text : {"", "healthz", "/a b", "/\xc3\xa9"}) EXPECT_FALSE(is_target(text)) << text;
}

}  // namespace

}  // namespace holdfast
