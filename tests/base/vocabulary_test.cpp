#include "base/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace holdfast {

namespace {

using testing::ElementsAre;

const condition busy{
    .workers = 4, .listeners = 258, .servers_alive = 3, .servers = 70000, .stopping = true, .in_sync = false};

std::vector<link_message> samples() {
  return {beat{.worker = 0},
          beat{.worker = 255},
          beat{.worker = control_thread},
          condition{},
          busy,
          condition{.workers = 256,
                    .listeners = 0xffffffff,
                    .servers_alive = 0xffffffff,
                    .servers = 0xffffffff,
                    .stopping = false},
          look{.alive = true, .at = 0},
          look{.alive = false, .at = 0xffffffffffffffff},
          role_change{.group = "front", .is = role::active},
          role_change{.group = "x", .is = role::gone},
          role_change{.group = std::string(longest_group_name, '~'), .is = role::released}};
}

std::optional<misheard> refusal(std::span<const std::uint8_t> bytes) {
  const auto r = decode(bytes);
  if (r) return std::nullopt;
  return r.error();
}

TEST(Vocabulary, IsUnderstoodAsItWasMeant) {
  for (const link_message& said : samples()) {
    const auto heard = decode(encode(said));
    ASSERT_TRUE(heard);
    EXPECT_EQ(*heard, said);
    EXPECT_LE(encode(said).size(), longest_message);
  }
}

TEST(Vocabulary, HasTheBytesItsHeaderPromises) {
  EXPECT_THAT(encode(beat{.worker = 0x102 - 2}), ElementsAre(1, 1, 1, 0));
  EXPECT_THAT(encode(busy), ElementsAre(1, 2, 0, 4, 0, 0, 1, 2, 0, 0, 0, 3, 0, 1, 0x11, 0x70, 1, 0));
  EXPECT_THAT(encode(look{.alive = true, .at = 0x010203}), ElementsAre(1, 5, 1, 0, 0, 0, 0, 0, 1, 2, 3));
  EXPECT_THAT(encode(role_change{.group = "ab", .is = role::active}), ElementsAre(1, 3, 5, 'a', 'b'));
}

TEST(Vocabulary, RefusesEveryBeginningAndEveryTail) {
  for (const link_message& said : samples()) {
    const packet whole = encode(said);
    const bool named = std::holds_alternative<role_change>(said);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      if (named && length > 3) continue;  // a shorter name is a name
      EXPECT_EQ(refusal(std::span(whole).first(length)), misheard::length) << length;
    }
    if (named) continue;
    packet longer = whole;
    longer.push_back(0);
    EXPECT_EQ(refusal(longer), misheard::length);
  }
  packet name = encode(role_change{.group = std::string(longest_group_name, 'x')});
  name.push_back('x');
  EXPECT_EQ(refusal(name), misheard::length);
}

TEST(Vocabulary, RefusesOtherVersionsAndKinds) {
  packet other = encode(beat{});
  other[0] = 2;
  EXPECT_EQ(refusal(other), misheard::version);
  for (const std::uint8_t kind : {0, 4, 255}) {
    packet unknown = encode(beat{});
    unknown[1] = kind;
    EXPECT_EQ(refusal(unknown), misheard::kind);
  }
}

// The byte at that place of a message, changed.
packet changed(const link_message& what, std::size_t at, int to) {
  packet bytes = encode(what);
  bytes[at] = static_cast<std::uint8_t>(to);
  return bytes;
}

TEST(Vocabulary, RefusesValuesOutOfRange) {
  EXPECT_EQ(refusal(changed(beat{.worker = control_thread}, 3, 1)), misheard::value);  // 257
  EXPECT_EQ(refusal(changed(condition{.workers = 1}, 3, 0)), misheard::value);         // no worker
  EXPECT_EQ(refusal(changed(condition{.workers = 256}, 3, 1)), misheard::value);       // 257 workers
  EXPECT_EQ(refusal(changed(condition{.servers = 5}, 11, 6)), misheard::value);        // 6 of 5 alive
  EXPECT_EQ(refusal(changed(condition{}, 16, 2)), misheard::value);                    // neither true nor false
  EXPECT_EQ(refusal(changed(condition{}, 17, 2)), misheard::value);
  EXPECT_EQ(refusal(changed(look{}, 2, 2)), misheard::value);
  EXPECT_EQ(refusal(changed(role_change{.group = "a"}, 2, 6)), misheard::value);  // no such role
  for (const int c : {0, 10, 32, 127, 200}) {
    EXPECT_EQ(refusal(changed(role_change{.group = "ab"}, 4, c)), misheard::value) << c;
  }
}

TEST(Vocabulary, NamesEveryRoleDifferently) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(role::active); ++i) names.insert(name_of(static_cast<role>(i)));
  EXPECT_EQ(names.size(), 6U);
  EXPECT_FALSE(names.contains(""));
}

TEST(VocabularyDeathTest, AbortsOnWhatItCouldNotSay) {
  EXPECT_DEATH(encode(beat{.worker = 257}), "broken invariant");
  EXPECT_DEATH(encode(condition{.workers = 0}), "broken invariant");
  EXPECT_DEATH(encode(condition{.servers_alive = 2, .servers = 1}), "broken invariant");
  EXPECT_DEATH(encode(role_change{.group = ""}), "broken invariant");
  EXPECT_DEATH(encode(role_change{.group = std::string(longest_group_name + 1, 'x')}), "broken invariant");
}

}  // namespace

}  // namespace holdfast
