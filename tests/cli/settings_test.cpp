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
