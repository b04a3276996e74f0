#include "balancer/choice/acl.h"

#include <gtest/gtest.h>

#include <random>

namespace holdfast {
namespace {

acl_rule rule(bool permit, const char* network) { return {permit, *prefix::parse(network)}; }
acl_rule rule(bool permit, country of) { return {permit, of}; }
address client(const char* text) { return *address::parse(text); }

constexpr country britain{{'G', 'B'}};
constexpr country france{{'F', 'R'}};

TEST(Acl, EmptyPermitsEveryone) {
  EXPECT_TRUE(acl().permits(client("192.0.2.1"), std::nullopt));
  EXPECT_TRUE(acl(acl_rules{}).permits(client("2001:db8::1"), britain));
}

TEST(Acl, GivesTheOppositeOfTheLastRuleToThoseItDoesNotName) {
  EXPECT_FALSE(acl({rule(true, "10.0.0.0/8")}).permits(client("192.0.2.1"), std::nullopt));
  EXPECT_TRUE(acl({rule(false, "10.0.0.0/8")}).permits(client("192.0.2.1"), std::nullopt));
  const acl mixed({rule(false, "10.0.0.0/8"), rule(true, "11.0.0.0/8")});
  EXPECT_FALSE(mixed.permits(client("192.0.2.1"), std::nullopt));
}

TEST(Acl, FirstMatchDecidesWhateverTheLengths) {
  const acl narrow_first({rule(false, "10.1.0.0/16"), rule(true, "10.0.0.0/8")});
  EXPECT_FALSE(narrow_first.permits(client("10.1.2.3"), std::nullopt));
  EXPECT_TRUE(narrow_first.permits(client("10.2.2.3"), std::nullopt));
  const acl wide_first({rule(true, "10.0.0.0/8"), rule(false, "10.1.0.0/16")});
  EXPECT_TRUE(wide_first.permits(client("10.1.2.3"), std::nullopt));
}

TEST(Acl, FirstOfEqualRulesDecides) {
  acl_rules many(100, rule(true, "10.0.0.0/8"));
  many.front().permit = false;
  EXPECT_FALSE(acl(many).permits(client("10.1.1.1"), std::nullopt));
  EXPECT_FALSE(acl({rule(false, "10.0.0.0/8"), rule(true, "10.0.0.0/8")}).permits(client("10.1.1.1"), std::nullopt));
}

TEST(Acl, KnowsFamiliesApart) {
  const acl four({rule(true, "0.0.0.0/0")});
  EXPECT_TRUE(four.permits(client("192.0.2.1"), std::nullopt));
  EXPECT_FALSE(four.permits(client("2001:db8::1"), std::nullopt));
}

TEST(Acl, AsksTheCountryOnlyWhenARuleNamesOne) {
  EXPECT_FALSE(acl({rule(true, "10.0.0.0/8")}).asks_country());
  const acl list({rule(false, "10.0.0.0/8"), rule(true, britain)});
  EXPECT_TRUE(list.asks_country());
  EXPECT_TRUE(list.permits(client("192.0.2.1"), britain));
  EXPECT_FALSE(list.permits(client("192.0.2.1"), france));
  EXPECT_FALSE(list.permits(client("192.0.2.1"), std::nullopt));
  EXPECT_FALSE(list.permits(client("10.0.0.1"), britain));
}

bool asked_one_by_one(const acl_rules& rules, const address& a, std::optional<country> from) {
  for (const auto& r : rules) {
    const auto* net = std::get_if<prefix>(&r.who);
    if (net != nullptr ? net->contains(a) : from == std::get<country>(r.who)) return r.permit;
  }
  return rules.empty() || !rules.back().permit;
}

TEST(Acl, AgreesWithAskingRuleByRule) {
  std::mt19937 random(7);
  const auto some_address = [&] {
    address::bytes_type bytes{};
    if (random() % 2 == 0) return address::v4(0x0a000000 | (random() & 0x030303));
    bytes[0] = 0x20;
    for (std::size_t i = 1; i < 16; i += 5) bytes[i] = static_cast<std::uint8_t>(random() % 3);
    return address(bytes);
  };
  for (int round = 0; round < 300; ++round) {
    acl_rules rules;
    for (auto count = random() % 12; count > 0; --count) {
      const bool permit = random() % 2 == 0;
      if (random() % 5 == 0) {
        rules.push_back(rule(permit, random() % 2 == 0 ? britain : france));
      } else {
        const auto length = static_cast<std::uint8_t>(random() % 129);
        rules.push_back({permit, prefix{some_address().masked(length), length}});
      }
    }
    const acl compiled(rules);
    for (int i = 0; i < 50; ++i) {
      const address who = some_address();
      const std::optional<country> from = random() % 3 == 0 ? std::optional(britain) : std::nullopt;
      ASSERT_EQ(compiled.permits(who, from), asked_one_by_one(rules, who, from)) << who.text() << " round " << round;
    }
  }
}

TEST(Acl, HoldsAsManyRulesAsSettingsAllow) {
  acl_rules rules;
  for (std::uint32_t i = 0; i < max_acl_rules; ++i) rules.push_back({true, prefix{address::v4(2 * i), 128}});
  const acl large(rules);
  EXPECT_TRUE(large.permits(address::v4(2 * (max_acl_rules - 1)), std::nullopt));
  EXPECT_FALSE(large.permits(address::v4(3), std::nullopt));
}

TEST(AclTable, KeepsTheListsThatSayWhatTheySaid) {
  const acl_rule ten{true, *prefix::parse("10.0.0.0/8")}, eleven{true, *prefix::parse("11.0.0.0/8")};
  const acl_lists former{{"a", {ten}}, {"b", {ten}}, {"gone", {ten}}},
      wanted{{"a", {ten}}, {"b", {ten, eleven}}, {"c", {ten}}};
  const acl_table before(former, {}, {});
  const acl_table after(wanted, former, before);
  EXPECT_EQ(after.find("a"), before.find("a"));
  EXPECT_NE(after.find("b"), before.find("b"));
  EXPECT_TRUE(after.find("b")->permits(*address::parse("11.0.0.1"), std::nullopt));
  EXPECT_FALSE(before.find("b")->permits(*address::parse("11.0.0.1"), std::nullopt));
  EXPECT_FALSE(after.find("c")->permits(*address::parse("11.0.0.1"), std::nullopt));
}

TEST(AclTable, PermitsAllByANameWithoutRules) {
  const acl_table none;
  ASSERT_TRUE(none.find("0"));
  EXPECT_TRUE(none.find("0")->permits(*address::parse("10.0.0.1"), std::nullopt));
}

TEST(Acl, HasNoNetworkForAClientWithoutAddress) {
  const prefix all = *prefix::parse("::/0");
  EXPECT_TRUE(acl({{false, all}}).permits(address(), std::nullopt)) << "the opposite of the last rule";
  EXPECT_FALSE(acl({{true, all}}).permits(address(), std::nullopt));
}

}  // namespace
}  // namespace holdfast
