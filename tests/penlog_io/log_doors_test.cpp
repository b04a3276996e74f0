#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include "penlog/log_doors_io.h"
#include "tests/penlog_io/programs.h"

namespace holdfast {
namespace {

using testing::ElementsAre;

struct listening {
  boost::asio::io_context io;
  std::vector<std::string> heard;
  log_doors doors{io, [this](std::string_view lines, std::string_view sender) {
                    heard.emplace_back(std::string(sender) + ": " + std::string(lines));
                  }};

  void turn() {
    io.restart();
    io.run_for(std::chrono::milliseconds(20));
  }
};

endpoint loopback(int port) { return {address::v4(0x7f000001), static_cast<std::uint16_t>(port), {}}; }

TEST(LogDoors, HearDatagramsOfBothFamiliesWithTheirSenders) {
  listening l;
  const int port = free_port();
  ASSERT_TRUE(l.doors.open_udp({address(), static_cast<std::uint16_t>(port), {}}));
  datagram_socket().send(port, "one");
  datagram_socket("127.0.0.9").send(port, "two\nthree\n");
  l.turn();
  EXPECT_THAT(l.heard, ElementsAre("127.0.0.1: one", "127.0.0.9: two\nthree\n"));
}

TEST(LogDoors, LeaveDatagramsWithTheKernelWhilePaused) {
  listening l;
  const int port = free_port();
  ASSERT_TRUE(l.doors.open_udp(loopback(port)));
  l.doors.pause();
  datagram_socket().send(port, "one");
  l.turn();
  EXPECT_THAT(l.heard, ElementsAre());
  l.doors.resume();
  l.turn();
  EXPECT_THAT(l.heard, ElementsAre("127.0.0.1: one"));
  datagram_socket().send(port, "two");
  l.doors.take_rest();
  EXPECT_EQ(l.heard.size(), 2U);
}

TEST(LogDoors, CountWhatTheKernelHadNoRoomFor) {
  listening l;
  const int port = free_port();
  ASSERT_TRUE(l.doors.open_udp(loopback(port)));
  const datagram_socket sender;
  const std::string large(60'000, 'x');
  for (int i = 0; i < 1000; ++i) sender.send(port, large);
  l.doors.take_rest();
  sender.send(port, "last");
  l.doors.take_rest();
  EXPECT_GT(l.doors.dropped(), 0U);
  EXPECT_EQ(l.heard.size() + l.doors.dropped(), 1001U);
}

TEST(LogDoors, SayWhyTheyDoNotOpen) {
  listening l;
  const datagram_socket holder;
  const auto used = l.doors.open_udp(loopback(holder.port()));
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error(), "can't listen on the port " + std::to_string(holder.port()) + ": Address already in use");
  const folder files;
  EXPECT_FALSE(l.doors.open_local(files.write("file", "")));
  ASSERT_TRUE(l.doors.open_local(files.file("socket")));
  EXPECT_FALSE(listening().doors.open_local(files.file("socket"))) << "somebody listens there";
}

}  // namespace
}  // namespace holdfast
