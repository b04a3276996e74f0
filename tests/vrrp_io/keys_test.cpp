#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/cli_io/served.h"
#include "vrrp/agent/keys_io.h"

namespace holdfast {
namespace {

// A group that signs with the key in this file.
struct signing {
  explicit signing(const std::string& key, int mode = 0600) {
    group.name = "front";
    group.hmac = hmac_mode::enforce;
    group.hmac_key = home.file("key");
    group.hmac_id = 3;
    std::ofstream(group.hmac_key) << key;
    chmod(group.hmac_key.c_str(), static_cast<mode_t>(mode));
  }
  folder home;
  vrrp_settings group;
};

const std::string good(32, 'k');

TEST(Keys, AreReadForAGroupThatSigns) {
  const signing s(good);
  const auto made = hmac_of(s.group);
  ASSERT_TRUE(made) << made.error();
  EXPECT_TRUE(made->sends());
  EXPECT_NE(made->find(3), nullptr);
  EXPECT_EQ(made->signs_with, 3);
}

TEST(Keys, AreNotAskedForOtherwise) {
  signing s(good);
  s.group.hmac = hmac_mode::off;
  s.group.hmac_key = "/nowhere";
  const auto made = hmac_of(s.group);
  ASSERT_TRUE(made) << made.error();
  EXPECT_TRUE(made->keys.empty());
}

TEST(Keys, ThatOthersCanReadAreRefused) {
  const signing s(good, 0644);
  EXPECT_NE(hmac_of(s.group).error().find("expected a file that only its owner can read or write"), std::string::npos);
}

TEST(Keys, HaveALength) {
  const signing s("short");
  EXPECT_NE(hmac_of(s.group).error().find("expected a key of 32 to 64 bytes"), std::string::npos);
}

TEST(Keys, ThatAreNotThereRefuseAStart) {
  settings s;
  s.vrrp["front"] = signing(good).group;  // whose folder has gone
  const findings wrong = refusals(s);
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_EQ(wrong[0].is, severity::refuses);
  EXPECT_EQ(wrong[0].why.substr(0, 13), "group front: ");
}

}  // namespace
}  // namespace holdfast
