// Where the program listens for operators and agents.
#include <filesystem>
#include <stdexcept>

#include "tests/balancer_io/bare_agent.h"
#include "tests/balancer_io/peer.h"
#include "tests/balancer_io/program.h"

namespace holdfast {

namespace {

namespace fs = std::filesystem;

TEST(DaemonSockets, AreMadeAgainWhenTheirFilesHaveGone) {
  program p;
  fs::remove(p.socket());
  fs::remove(p.agents());
  EXPECT_TRUE(eventually([&] { return fs::exists(p.socket()) && fs::exists(p.agents()); }));
  EXPECT_EQ(p.answer("service web timeout 7"), "7\n");
  bare_agent a(p.agents());
  EXPECT_TRUE(a.hear_of<condition>([](const condition&) { return true; }));
}

TEST(DaemonSockets, AreDoneWithoutUnlessTheyAreRequired) {
  folder place;
  boost::asio::io_context io{1};
  daemon_options with;
  with.socket = place.file("no/balancer.sock");
  with.socket_required = true;
  EXPECT_THROW(daemon(io, with, {}), std::runtime_error);
  with.socket_required = false;
  const daemon goes(io, with, {});
  EXPECT_EQ(goes.options().socket, "");
}

TEST(DaemonSockets, OfAnOperatorAreAnErrorWhereTheyCannotBe) {
  folder place;
  boost::asio::io_context io{1};
  daemon_options with;
  with.control_path = place.file("no/control");
  EXPECT_THROW(daemon(io, with, {}), std::runtime_error);
}

}  // namespace

}  // namespace holdfast
