#include "vrrp/message/wire_message.h"

#include <gmock/gmock.h>

#include <random>

#include "cli/settings/settings.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using bytes = std::vector<std::uint8_t>;

wire_group web() {
  return {.name = "web",
          .is = role::active,
          .priority = 150,
          .how = fitness::degraded,
          .since = 0x0102030405060708,
          .epoch = 9,
          .addresses = 300,
          .interval = 50'000,
          .front4 = address::v4(0xc0000201),
          .front6 = *address::parse("2001:db8::1")};
}

// One of each, with their bytes as docs/wire-protocol.md has them.
const std::pair<wire_message, bytes> examples[] = {
    {wire_hello{.node = "lb1", .software = "0.1", .major = 1, .minor = 2},
     {1, 1, 2, 3, 'l', 'b', '1', 3, '0', '.', '1'}},
    {wire_report{}, {2, 0}},
    {wire_report{{web()}}, {2,  1,                                 // one group
                            0,  61, 3,  'w', 'e', 'b', 5, 150, 1,  // its length, name to fitness
                            1,  2,  3,  4,   5,   6,   7, 8,   0, 0, 0,   0,   0,   0, 0, 9,    // since, epoch
                            1,  44, 0,  0,   195, 80,                                           // addresses, interval
                            0,  0,  0,  0,   0,   0,   0, 0,   0, 0, 255, 255, 192, 0, 2, 1,    // 192.0.2.1
                            32, 1,  13, 184, 0,   0,   0, 0,   0, 0, 0,   0,   0,   0, 0, 1}},  // 2001:db8::1
    {wire_farewell{}, {3}},
    {wire_ping{0x0102030405060708}, {4, 1, 2, 3, 4, 5, 6, 7, 8}},
    {wire_pong{0xff}, {5, 0, 0, 0, 0, 0, 0, 0, 255}},
};

wire_refusal refusal_of(const bytes& frame) {
  const auto what = decode_wire(frame);
  EXPECT_FALSE(what);
  return what.error();
}

TEST(WireMessage, HasTheBytesOfTheDocument) {
  for (const auto& [what, frame] : examples) {
    EXPECT_EQ(encode(what), frame);
    const auto read = decode_wire(frame);
    ASSERT_TRUE(read) << describe(read.error());
    EXPECT_EQ(*read, what);
  }
}

TEST(WireMessage, IsRefusedWhenCutShortAnywhere) {
  for (const auto& [what, frame] : examples) {
    for (std::size_t size = 0; size < frame.size(); ++size) {
      EXPECT_EQ(refusal_of({frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size)}),
                wire_refusal::cut_short);
    }
  }
}

TEST(WireMessage, SkipsWhatALaterVersionAdds) {
  for (const auto& [what, frame] : examples) {
    bytes longer = frame;
    longer.insert(longer.end(), {1, 2, 3});
    const auto read = decode_wire(longer);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, what);
  }
  bytes group = encode(wire_report{{web(), web()}});
  group.insert(group.begin() + 2 + 2 + 61, 7);  // one more byte at the end of the first group
  group[3] = 62;
  const auto read = decode_wire(group);
  ASSERT_TRUE(read);
  EXPECT_EQ(std::get<wire_report>(*read).groups, (std::vector{web(), web()}));
}

TEST(WireMessage, SaysWhenTheServersWereLookedAtIfSomebodyLooked) {
  wire_group looked = web();
  looked.looked = 1500ms;
  wire_report report{{looked, web()}};
  const bytes frame = encode(report);
  EXPECT_EQ(frame.size(), encode(wire_report{{web(), web()}}).size() + 8);
  EXPECT_EQ(std::get<wire_report>(*decode_wire(frame)), report);
  age(report, 250ms);
  EXPECT_EQ(report.groups[0].looked, 1750ms);
  EXPECT_EQ(report.groups[1].looked, std::nullopt);
  EXPECT_EQ(report.groups[0].since, web().since + 250);
  bytes never = frame;
  std::fill_n(never.begin() + 2 + 2 + 61, 8, 255);  // longer ago than anything is
  EXPECT_EQ(std::get<wire_report>(*decode_wire(never)).groups[0].looked, std::nullopt);
}

TEST(WireMessage, SaysWhatIsKnownOfTheFrontWithAndWithoutALook) {
  wire_group proven = web();
  proven.front = front_proof::proven;
  wire_group failed = proven;
  failed.front = front_proof::failed;
  failed.looked = 1500ms;
  const wire_report report{{proven, failed, web()}};
  EXPECT_EQ(std::get<wire_report>(*decode_wire(encode(report))), report);
}

TEST(WireMessage, SaysWhetherItKeepsUpAndFromWhereElseItSpeaks) {
  wire_group steady = web();
  steady.keeps = pace::steady;
  const wire_report one{{steady, web()}};
  const bytes frame = encode(one);
  EXPECT_EQ(frame.size(), encode(wire_report{{web(), web()}}).size() + 8 + 1 + 2);
  EXPECT_EQ(std::get<wire_report>(*decode_wire(frame)), one);
  bytes later = frame;
  later[2 + 2 + 61 + 8 + 1] = 77;
  EXPECT_EQ(std::get<wire_report>(*decode_wire(later)).groups[0].keeps, pace::unsaid);
  for (std::uint32_t i = 0; i < 10; ++i) name_front(steady, address::v4(0xc6336401 + i / 2));
  name_front(steady, address());
  EXPECT_EQ(steady.more_fronts.size(), 5U);
  const auto read = std::get<wire_report>(*decode_wire(encode(wire_report{{steady}}))).groups[0];
  EXPECT_EQ(read.more_fronts.size(), most_more_fronts);
  EXPECT_THAT(fronts_of(read), testing::IsSupersetOf({web().front4, web().front6, address::v4(0xc6336404)}));
}

TEST(WireMessage, OfAnUnknownTypeIsUnknown) {
  for (const std::uint8_t type : {0, 6, 7, 255}) {
    const auto read = decode_wire(bytes{type, 1, 2, 3});
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, wire_message(wire_unknown{type}));
  }
}

TEST(WireMessage, HoldsAsManyGroupsAsASettingAndNoMore) {
  wire_report most;
  for (std::size_t i = 0; i < max_vrrp_groups; ++i) {
    most.groups.push_back(web());
    most.groups.back().name = std::string(62, 'g') + std::to_string(10 + i);
    most.groups.back().keeps = pace::unsteady;
    most.groups.back().more_fronts.assign(most_more_fronts, address::v4(1));
  }
  bytes frame = encode(most);
  EXPECT_LT(frame.size(), 14U << 10);
  const auto read = decode_wire(frame);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, wire_message(most));
  frame[1] = max_vrrp_groups + 1;
  EXPECT_EQ(refusal_of(frame), wire_refusal::too_many_groups);
  most.groups.push_back(web());
  EXPECT_DEATH(encode(most), "broken invariant");
}

TEST(WireMessage, HasNamesThatAreNames) {
  for (const char* name : {"", "a b", "-x", "a\x1b", "a\n", "\xc3\xa4"}) {
    const std::string text = name;
    const std::string hello = std::string("\1\1\0", 3) + static_cast<char>(text.size()) + text + '\0';
    EXPECT_EQ(refusal_of({hello.begin(), hello.end()}), wire_refusal::bad_name) << text;
    EXPECT_DEATH(encode(wire_hello{.node = text, .software = ""}), "broken invariant");
  }
  const std::string longest(64, 'n');
  EXPECT_TRUE(decode_wire(encode(wire_hello{.node = longest, .software = ""})));
  EXPECT_DEATH(encode(wire_hello{.node = longest + "n", .software = ""}), "broken invariant");
}

TEST(WireMessage, HasAVersionThatCanBeShown) {
  const std::string longest(max_wire_software, '~');
  bytes frame = encode(wire_hello{.node = "n", .software = longest});
  EXPECT_TRUE(decode_wire(frame));
  frame.back() = 0x1b;
  EXPECT_EQ(refusal_of(frame), wire_refusal::bad_software);
  frame.back() = 0x7f;
  EXPECT_EQ(refusal_of(frame), wire_refusal::bad_software);
  frame = encode(wire_hello{.node = "n", .software = longest});
  frame[5] = max_wire_software + 1;
  frame.push_back('x');
  EXPECT_EQ(refusal_of(frame), wire_refusal::bad_software);
}

TEST(WireMessage, HasRolesFitnessAndAddressesThatExist) {
  const bytes good = encode(wire_report{{web()}});
  const auto refusal_with = [&](std::size_t at, std::uint8_t value) {
    bytes frame = good;
    frame[at] = value;
    return refusal_of(frame);
  };
  EXPECT_EQ(refusal_with(5, ' '), wire_refusal::bad_name);
  EXPECT_EQ(refusal_with(8, 6), wire_refusal::bad_role);
  EXPECT_EQ(refusal_with(8, 0), wire_refusal::bad_role);
  EXPECT_EQ(refusal_with(10, 3), wire_refusal::bad_fitness);
  EXPECT_EQ(refusal_with(33, 0xfe), wire_refusal::bad_address) << "IPv6 where IPv4 belongs";
  bytes frame = good;
  std::copy_n(good.begin() + 33, 16, frame.begin() + 49);
  EXPECT_EQ(refusal_of(frame), wire_refusal::bad_address) << "IPv4 where IPv6 belongs";
}

TEST(WireMessage, MayHaveNoFrontAddress) {
  wire_group group = web();
  group.front4 = group.front6 = address();
  const auto read = decode_wire(encode(wire_report{{group}}));
  ASSERT_TRUE(read);
  EXPECT_EQ(std::get<wire_report>(*read).groups.at(0), group);
}

class dice {
 public:
  explicit dice(unsigned seed) : random_(seed) {}
  std::uint64_t number() { return random_(); }
  std::string text(std::size_t least, std::size_t most) {
    constexpr std::string_view letters = "abcXYZ019._-";
    std::string out(least + number() % (most - least + 1), 'n');
    for (std::size_t i = 1; i < out.size(); ++i) out[i] = letters[number() % letters.size()];
    return out;
  }
  address host6() {
    address::bytes_type value{};
    for (std::uint8_t& byte : value) byte = static_cast<std::uint8_t>(number());
    return address(value);
  }

 private:
  std::mt19937_64 random_;
};

wire_message any_message(dice& d) {
  switch (d.number() % 6) {
    case 0:
      return wire_hello{.node = d.text(1, 64),
                        .software = d.text(0, 64),
                        .major = static_cast<std::uint8_t>(d.number()),
                        .minor = static_cast<std::uint8_t>(d.number())};
    case 1: return wire_farewell{};
    case 2: return wire_ping{d.number()};
    case 3: return wire_pong{d.number()};
    case 4: return wire_unknown{static_cast<std::uint8_t>(6 + d.number() % 250)};
    default: break;
  }
  wire_report out;
  out.groups.resize(d.number() % (max_vrrp_groups + 1));
  for (wire_group& g : out.groups) {
    g = {.name = d.text(1, 64),
         .is = static_cast<role>(1 + d.number() % 5),
         .priority = static_cast<std::uint8_t>(d.number()),
         .how = static_cast<fitness>(d.number() % 3),
         .since = d.number(),
         .epoch = d.number(),
         .addresses = static_cast<std::uint16_t>(d.number()),
         .interval = static_cast<std::uint32_t>(d.number())};
    if (d.number() % 2 == 0) g.front4 = address::v4(static_cast<std::uint32_t>(d.number()));
    if (d.number() % 2 == 0) g.front6 = d.host6();
    g.keeps = static_cast<pace>(d.number() % 3);
    if (g.keeps != pace::unsaid) g.more_fronts.resize(d.number() % (most_more_fronts + 1), d.host6());
  }
  return out;
}

TEST(WireMessage, ReadsBackAsItWasSaid) {
  for (unsigned seed = 0; seed < 5'000; ++seed) {
    dice d(seed);
    const wire_message what = any_message(d);
    const auto read = decode_wire(encode(what));
    ASSERT_TRUE(read) << "seed " << seed << ": " << describe(read.error());
    ASSERT_EQ(*read, what) << "seed " << seed;
  }
}

TEST(WireMessage, IsRefusedOrReadWhateverItsBytes) {
  for (unsigned seed = 0; seed < 5'000; ++seed) {
    dice d(seed);
    bytes frame = encode(any_message(d));
    for (std::uint64_t i = 0; i <= d.number() % 4; ++i) {
      frame[d.number() % frame.size()] = static_cast<std::uint8_t>(d.number());
    }
    if (d.number() % 2 == 0) frame.resize(1 + d.number() % frame.size());
    const auto read = decode_wire(frame);
    if (!read) continue;
    const auto again = decode_wire(encode(*read));
    ASSERT_TRUE(again) << "seed " << seed;
    ASSERT_EQ(*again, *read) << "seed " << seed;
  }
}

}  // namespace

}  // namespace holdfast
