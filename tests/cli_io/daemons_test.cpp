#include <gtest/gtest.h>

#include "cli/talk/daemons_io.h"
#include "tests/cli/made_cluster.h"
#include "tests/cli_io/served.h"

namespace holdfast {
namespace {

sentence on_lb1() {
  sentence s;
  s.node = "lb1";
  s.service = "web";
  return s;
}

TEST(Daemons, AreToldWithTheErrandsOwnPrefixes) {
  std::string heard;
  const served balancer({}, [&](const caller&, std::string_view line, const control_server::respond_type& respond) {
    heard = line;
    respond({.message = "done"});
  });
  const daemons all({.balancer = balancer.path, .agent = ""}, on_lb1(), std::chrono::seconds(20));
  const auto told = all.tell_balancer("servers");
  ASSERT_TRUE(told) << told.error().why;
  EXPECT_EQ(told->message, "done");
  EXPECT_EQ(heard, "on lb1 service web servers");
}

TEST(Daemons, RefuseOrAreNotThere) {
  const served balancer({}, [](const caller&, std::string_view, const control_server::respond_type& respond) {
    respond(refused("not today"));
  });
  const daemons all({.balancer = balancer.path, .agent = "/run/holdfast-nobody"}, {}, std::chrono::seconds(20));
  EXPECT_EQ(all.tell_balancer("servers").error().why, "not today");
  EXPECT_FALSE(all.tell_balancer("servers").error().no_daemon);
  EXPECT_TRUE(all.tell_agent("vrrp").error().no_daemon);
}

TEST(Daemons, ShowTheCluster) {
  const served balancer({}, [](const caller&, std::string_view line, const control_server::respond_type& respond) {
    respond(line == "cluster" ? cluster_answer(made_cluster()) : refused("expected something else"));
  });
  const daemons all({.balancer = balancer.path, .agent = ""}, {}, std::chrono::seconds(20));
  const auto seen = all.look();
  ASSERT_TRUE(seen) << seen.error().why;
  EXPECT_EQ(seen->nodes.size(), made_cluster().nodes.size());
}

}  // namespace
}  // namespace holdfast
