#include "cli/configuration/known_rules.h"

#include <gtest/gtest.h>

#include "cli/configuration/config.h"

namespace holdfast {
namespace {

loaded_config read_again(const std::string& text, const settings& present) {
  const auto read = [&](const std::string&) {
    return result<std::string, std::string>(boost::system::in_place_value, text);
  };
  return add_config("/etc/pen.cfg", "", read, present);
}

// What the lists come to when such a file is read at the start and then so often again.
std::string lists_of(const std::string& text, int times, const std::string& said = {}) {
  const auto none = [](const std::string&) { return result<std::string, std::string>(failure{"none"}); };
  auto now = load_config_text(text + said, "/etc/pen.cfg", "", none);
  EXPECT_TRUE(now);
  for (int i = 0; i < times; ++i) {
    now = read_again(text, *now);
    EXPECT_TRUE(now) << now.error().text();
  }
  return write_config(*now);
}

TEST(KnownRules, AreNotAddedOnceMore) {
  const std::string text = "acl 1 permit 192.0.2.0/24\nacl 1 deny country GB\n";
  EXPECT_EQ(lists_of(text, 3), text);
}

TEST(KnownRules, OfOthersStay) {
  EXPECT_EQ(lists_of("acl 1 permit 192.0.2.0/24\n", 2, "acl 1 permit 198.51.100.7\n"),
            "acl 1 permit 192.0.2.0/24\nacl 1 permit 198.51.100.7\n");
}

// As in Pen, where the file's rules stand at the end after a reload.
TEST(KnownRules, LeaveTheLastWordToTheFile) {
  EXPECT_EQ(lists_of("acl 1 permit 192.0.2.0/24\n", 3, "acl 1 deny 198.51.100.7\n"),
            "acl 1 permit 192.0.2.0/24\nacl 1 deny 198.51.100.7\nacl 1 permit 192.0.2.0/24\n");
}

TEST(KnownRules, BeginAnewWhenTheFileEmptiesTheList) {
  EXPECT_EQ(lists_of("no acl 1\nacl 1 permit 192.0.2.0/24\n", 2, "acl 1 deny 198.51.100.7\n"),
            "acl 1 permit 192.0.2.0/24\n");
  EXPECT_EQ(lists_of("acl 1 permit 192.0.2.0/24\nno acl 1\n", 2), "");
}

TEST(KnownRules, MayBeAsManyAsAListCanHold) {
  settings full;
  for (std::uint32_t i = 0; i < max_acl_rules; ++i)
    full.acls["1"].push_back({true, *prefix::parse(address::v4(i).text())});
  const std::string last = address::v4(max_acl_rules - 1).text();
  const auto same = read_again("acl 1 permit " + last + "\n", full);
  ASSERT_TRUE(same);
  EXPECT_EQ(*same, full);
  EXPECT_FALSE(read_again("acl 1 permit 192.0.2.1\n", full)) << "one more";
  EXPECT_EQ(read_again("acl 1 permit " + last + "\n", *same)->acls["1"].size(), max_acl_rules);
}

}  // namespace
}  // namespace holdfast
