#include "cli/settings/setting.h"

#include <gtest/gtest.h>

#include <functional>

#include "cli/configuration/apply.h"
#include "cli/configuration/config.h"
#include "tests/cli/said_words.h"

namespace holdfast {

namespace {

template <auto Member>
const auto& held = std::get<held_by<typename member_of<Member>::owner>>(key_of<Member>->held);

TEST(Setting, IsReadAndSetByItsKey) {
  service_settings s;
  EXPECT_EQ(held<&service_settings::timeout>.get(s), setting_value(duration(3s)));
  held<&service_settings::timeout>.put(s, duration(5s));
  EXPECT_EQ(s.timeout, 5s);
  held<&service_settings::keepalive>.put(s, false);
  EXPECT_FALSE(s.keepalive);
}

TEST(Setting, IsANumberIfItIsAnEnumeration) {
  vrrp_settings s;
  EXPECT_EQ(held<&vrrp_settings::priority>.get(s), setting_value(std::uint64_t{100}));
  held<&vrrp_settings::version>.put(s, std::uint64_t{2});
  EXPECT_EQ(s.version, vrrp_version::mixed);
}

TEST(Setting, IsNoneIfItIsNotSet) {
  service_settings s;
  settings all;
  EXPECT_TRUE(is_none(held<&service_settings::source>.get(s)));
  EXPECT_TRUE(is_none(held<&settings::geoip>.get(all)));
  held<&service_settings::source>.put(s, address::v4(1));
  held<&settings::geoip>.put(all, std::string("/geo"));
  EXPECT_EQ(s.source, address::v4(1));
  EXPECT_EQ(all.geoip, "/geo");
  held<&service_settings::source>.put(s, {});
  held<&settings::geoip>.put(all, {});
  EXPECT_EQ(s, service_settings());
  EXPECT_EQ(all, settings());
}

TEST(Setting, KnowsWhichIsDeclaredFirst) {
  const service_settings s;
  const auto first = held<&service_settings::blacklist>.where(s), then = held<&service_settings::timeout>.where(s);
  EXPECT_TRUE(std::less<>()(first, then));
}

// Each line of the table that is a setting, said with many values: `write` has it, and reads back to the same.
TEST(EverySetting, IsWrittenAndReadBack) {
  std::size_t seen = 0;
  word_maker words(3);
  for (const topic& t : table()) {
    for (const row& r : t.rows) {
      if (!r.form) continue;
      ++seen;
      for (int times = 0; times < 20; ++times) {
        settings now;
        for (const char* name : {"front", "back", "7"}) {
          now.vrrp[name].name = name;
          now.vrrp[name].interface = "eth0";
        }
        for (int acl = 10; acl < 100; ++acl) now.acls[std::to_string(acl)];
        auto said = parse(words.line_of(r), source::file);
        ASSERT_TRUE(said) << r.pattern;
        if (!apply(now, *said)) continue;  // an acl that there is not
        const auto again = load_config_text(write_config(now), "", "lb1", [](const auto&) { return failure{""}; });
        ASSERT_TRUE(again) << r.pattern << ": " << again.error().text();
        EXPECT_EQ(*again, now) << write_config(now);
      }
    }
  }
  EXPECT_GT(seen, 50U);
}

}  // namespace

}  // namespace holdfast
