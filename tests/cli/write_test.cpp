#include <gtest/gtest.h>

#include "cli/configuration/config.h"

namespace holdfast {
namespace {

settings read_back(const std::string& text) {
  const auto loaded =
      load_config_text(text, "test.conf", "",
                       [](const std::string&) -> result<std::string, std::string> { return failure{"no such file"}; });
  EXPECT_TRUE(loaded) << text;
  return loaded ? *loaded : settings();
}

TEST(WriteConfig, SaysNothingOfDefaults) { EXPECT_EQ(write_config(settings()), ""); }

TEST(WriteConfig, IsReadBackAsItWas) {
  settings s;
  s.debug = 1;
  service_settings& web = s.services["web"] = fresh_service("web");
  web.timeout = std::chrono::seconds(7);
  web.listeners = {{"", "80", ""}};
  web.servers = {{.name = "a", .where = {"10.0.0.1", "8080", ""}, .weight = 5}};
  EXPECT_EQ(read_back(write_config(s)), s) << write_config(s);
}

TEST(WriteConfig, KeepsTheAddressOfAnEmptySlot) {
  settings s = read_back("server 3 address 192.0.2.3 port 0\n");
  const auto* slot = s.services.begin()->second.find_server("3");
  ASSERT_NE(slot, nullptr);
  EXPECT_TRUE(slot->is_empty());
  EXPECT_EQ(slot->where.host, "192.0.2.3");
  EXPECT_EQ(read_back(write_config(s)), s) << write_config(s);
}

TEST(WriteConfig, TellsLinesThatSettingsDoNotHold) {
  EXPECT_EQ(first_unwritable("debug 1\n"), std::nullopt);
  EXPECT_EQ(first_unwritable("debug 1\non lb2 debug 1\n")->line, 2U);
  EXPECT_TRUE(first_unwritable("include more.conf\n"));
}

}  // namespace
}  // namespace holdfast
