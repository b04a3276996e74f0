// The relay alone, without the loop: what it says of a channel whose server fails at an awkward moment.
#include <linux/socket.h>

#include <atomic>
#include <thread>
#include <utility>

#include "tests/balancer_io/made_channel.h"

namespace holdfast {

namespace {

TEST(Channel, KeepsTheFirstBytesForTheNextServerWhenTheFirstSendFails) {
  made_channel m;
  m.client.theirs.say("request");
  m.server.theirs.reset();  // and no event has told of it
  m.c.client.readable = true;
  EXPECT_EQ(m.carrier.turn(m.c), progress::server_lost);
  EXPECT_EQ(m.first, "");
  m.replace_server();
  EXPECT_EQ(m.carrier.turn(m.c), progress::waiting);
  EXPECT_EQ(m.server.theirs.hear(7), "request");
  EXPECT_EQ(m.first, "request");
  EXPECT_EQ(m.c.client.moved, 7);
}

TEST(Channel, IsResetWhenTheServerFailsAfterTheFirstByte) {
  made_channel m;
  m.client.theirs.say("request");
  m.c.client.readable = true;
  EXPECT_EQ(m.carrier.turn(m.c), progress::waiting);
  EXPECT_EQ(m.server.theirs.hear(7), "request");
  m.server.theirs.reset();
  m.c.server.note({.whose = {}, .readable = true, .writable = true, .ended = true, .failed = true, .urgent = false});
  EXPECT_EQ(m.carrier.turn(m.c), progress::server_reset);
}

TEST(Channel, HearsTheEndWithTheLastBytes) {
  made_channel m;
  m.server.theirs.say("answer");
  m.server.theirs.end();
  m.client.theirs.end();
  m.c.server.note({.whose = {}, .readable = true, .writable = true, .ended = true, .failed = false, .urgent = false});
  m.c.client.note({.whose = {}, .readable = true, .writable = true, .ended = true, .failed = false, .urgent = false});
  EXPECT_EQ(m.carrier.turn(m.c), progress::finished);
  m.carrier.close(m.c, false);
  EXPECT_EQ(m.client.theirs.hear_all(), "answer");
}

TEST(Channel, SharesTheTurnWithOthers) {
  made_channel m;
  const int huge = 16 << 20;
  set_option(m.c.server.bytes.fd.get(), SOL_SOCKET, SO_RCVBUF, huge);
  std::thread talking([&] {
    m.server.theirs.say(pattern(8 << 20));
    m.server.theirs.end();
  });
  std::thread hearing([&] { EXPECT_TRUE(m.client.theirs.hear_all() == pattern(8 << 20)); });
  bool over = false;
  while (!over) {
    m.c.server.readable = m.c.client.writable = true;  // as a loop would be told, sooner or later
    const std::uint64_t before = m.c.server.moved;
    m.carrier.turn(m.c);
    EXPECT_LE(m.c.server.moved - before, 16 * pipe_pool::capacity);
    over = m.c.server.passed_on;
  }
  talking.join();
  m.carrier.close(m.c, false);
  hearing.join();
}

int option_of(const descriptor& fd, int which) {
  int value = -1;
  socklen_t length = sizeof value;
  getsockopt(fd.get(), SOL_SOCKET, which, &value, &length);
  return value;
}

// A client that stalls costs the window that its server has at first, and no more of the kernel's memory.
TEST(Channel, LetsAServersWindowGrowWhenItsClientReads) {
  made_channel m;
  const int at_first = option_of(m.c.server.bytes.fd, SO_RCVBUF);
  const std::string all = pattern(8 << 20);
  m.server.theirs.say(all.substr(0, 20 << 10));  // alone: the kernel judges by how much is read at once
  std::atomic<bool> talks = false, reads = false;
  std::thread talking([&] {
    while (!talks) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    m.server.theirs.say(all.substr(20 << 10));
  });
  std::thread hearing([&] {
    while (!reads) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_TRUE(m.client.theirs.hear(all.size()) == all);
  });
  const auto carry_until = [&](auto over) {
    while (!over()) {
      m.c.server.readable = m.c.client.writable = true;
      m.carrier.turn(m.c);
    }
  };
  carry_until([&] { return m.c.server.moved == 20 << 10; });
  talks = true;
  int quiet = 0;
  carry_until([&, before = std::uint64_t{0}]() mutable {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    quiet = std::exchange(before, m.c.server.moved) == m.c.server.moved ? quiet + 1 : 0;
    return quiet == 100;
  });
  EXPECT_LT(m.c.server.moved, all.size());
  EXPECT_EQ(option_of(m.c.server.bytes.fd, SO_RCVBUF), at_first);
  EXPECT_EQ(option_of(m.c.server.bytes.fd, SO_BUF_LOCK), SOCK_RCVBUF_LOCK);
  reads = true;
  carry_until([&] { return m.c.server.moved == all.size(); });
  EXPECT_EQ(option_of(m.c.server.bytes.fd, SO_BUF_LOCK), 0);
  EXPECT_EQ(option_of(m.c.server.bytes.fd, SO_RCVLOWAT), 1);
  EXPECT_GT(option_of(m.c.server.bytes.fd, SO_RCVBUF), at_first);
  talking.join();
  hearing.join();
}

// True when there is nothing to be read there now.
bool hears_nothing(const peer& p) {
  char byte = 0;
  return recv(p.fd(), &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

TEST(Channel, WithholdsWhatTheServerSendsAndCarriesTheOtherDirection) {
  made_channel m;
  m.c.withheld = true;
  m.server.theirs.say("banner");
  m.server.theirs.end();
  m.client.theirs.say("request");
  m.c.server.note({.whose = {}, .readable = true, .writable = true, .ended = true, .failed = false, .urgent = false});
  m.c.client.readable = true;
  EXPECT_EQ(m.carrier.turn(m.c), progress::waiting);
  EXPECT_EQ(m.server.theirs.hear(7), "request");
  EXPECT_TRUE(hears_nothing(m.client.theirs));
  EXPECT_TRUE(m.c.server.readable) << "no event will tell again";
  m.c.withheld = false;
  EXPECT_EQ(m.carrier.turn(m.c), progress::waiting);
  EXPECT_EQ(m.client.theirs.hear_all(), "banner");
  EXPECT_EQ(m.c.server.moved, 6);
}

TEST(Channel, JudgesAServerThatFailsWhileWithheldWhenItsBytesMayPass) {
  made_channel m;
  m.c.withheld = true;
  m.server.theirs.say("banner");
  m.server.theirs.reset();
  m.c.server.note({.whose = {}, .readable = true, .writable = true, .ended = true, .failed = true, .urgent = false});
  EXPECT_EQ(m.carrier.turn(m.c), progress::waiting);
  m.c.withheld = false;
  EXPECT_EQ(m.carrier.turn(m.c), progress::server_reset);
  EXPECT_EQ(m.client.theirs.hear(6), "banner");
}

TEST(Channel, HearsOfAClientThatFailsWhileWithheld) {
  made_channel m;
  m.c.withheld = true;
  m.server.theirs.say("banner");
  m.c.server.readable = true;
  m.client.theirs.reset();
  m.c.client.note({.whose = {}, .readable = true, .writable = true, .ended = true, .failed = true, .urgent = false});
  EXPECT_EQ(m.carrier.turn(m.c), progress::client_reset);
}

TEST(Channel, TellsWhatTheClientSaysAsLongAsSomebodyWantsToKnow) {
  made_channel m;
  m.wants_more = true;
  for (const char* piece : {"GE", "T /"}) {
    m.client.theirs.say(piece);
    m.c.client.readable = true;
    m.carrier.turn(m.c);
  }
  EXPECT_EQ(m.first, "GET /");
  m.wants_more = false;
  for (const char* piece : {"one\n", "two\n"}) {
    m.client.theirs.say(piece);
    m.c.client.readable = true;
    m.carrier.turn(m.c);
  }
  EXPECT_EQ(m.first, "GET /one\n");
}

}  // namespace

}  // namespace holdfast
