#include "cli/settings/settings.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(Settings, IdentifyAServerByNameOrPlace) {
  EXPECT_EQ((server_settings{.name = "web", .where = {"10.0.0.1", "80", ""}}).identity(), "web");
  EXPECT_EQ((server_settings{.name = "0", .where = {"10.0.0.1", "80", ""}}).identity(), "10.0.0.1:80");
  EXPECT_EQ((server_settings{.name = "0", .where = {"", "", "/run/x"}}).identity(), "/run/x");
  EXPECT_EQ((server_settings{.name = "0", .where = {}}).identity(), "0");
}

TEST(Settings, KnowPensNumbers) {
  EXPECT_EQ(slot_of("0"), 0U);
  EXPECT_EQ(slot_of("999"), 999U);
  for (const char* name : {"1000", "07", "-1", "1a", "web", "", "4294967296"})
    EXPECT_EQ(slot_of(name), std::nullopt) << name;
}

TEST(Settings, KnowASlotThatIsEmpty) {
  const auto is_empty = [](place where) { return server_settings{.name = "3", .where = std::move(where)}.is_empty(); };
  EXPECT_TRUE(is_empty({}));
  EXPECT_TRUE(is_empty({"0.0.0.0", "0", ""}));
  EXPECT_TRUE(is_empty({"10.0.0.1", "0", ""}));
  EXPECT_FALSE(is_empty({"10.0.0.1", "", ""})) << "the listener's port";
  EXPECT_FALSE(is_empty({"", "", "/run/x"}));
  EXPECT_EQ((server_settings{.name = "3", .where = {"0.0.0.0", "0", ""}}).identity(), "3");
}

TEST(Settings, KeepNumbersInTheirOrder) {
  service_settings s;
  for (const char* name : {"5", "a", "3", "10", "b", "4"}) s.add_server({.name = name});
  std::string order;
  for (const server_settings& one : s.servers) order += one.name + ' ';
  EXPECT_EQ(order, "3 4 5 a 10 b ");
}

TEST(Settings, TellServersOfOnePlaceApart) {
  service_settings s;
  s.servers = {{.name = "0", .where = {"10.0.0.1", "80", ""}}, {.name = "1", .where = {"10.0.0.1", "80", ""}}};
  const auto all = s.identities();
  EXPECT_EQ(all[0], "10.0.0.1:80");
  EXPECT_EQ(all[1], "10.0.0.1:80 2");
}

TEST(Settings, FindAServerByName) {
  service_settings s;
  s.servers = {{.name = "a", .where = {}}};
  EXPECT_EQ(s.find_server("a"), &s.servers[0]);
  EXPECT_EQ(s.find_server("b"), nullptr);
}

TEST(Settings, LeaveTheConnectionsOfANewServiceToTheSystem) {
  EXPECT_EQ(fresh_service("web").conn_max, 0U);
  EXPECT_NE(fresh_service(default_service).conn_max, 0U) << "as in Pen";
}

}  // namespace
}  // namespace holdfast
