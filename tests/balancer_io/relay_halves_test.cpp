// Halves that come and go: with an allowance, a preface, from one channel to another, from one process to another.
#include <fcntl.h>

#include <thread>

#include "tests/balancer_io/made_channel.h"

namespace holdfast {

namespace {

// True when there is nothing to be read there now.
bool hears_nothing(const peer& p) {
  char byte = 0;
  return recv(p.fd(), &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

// Turns until it says so.
bool comes_to(made_channel& m, progress wanted) {
  return eventually([&] { return m.turn() == wanted; });
}

TEST(Allowance, IsAllThatPasses) {
  made_channel m;
  m.c.client.allowance = 4;
  m.client.theirs.say("bodyGET /next");
  EXPECT_TRUE(comes_to(m, progress::counted));
  EXPECT_EQ(m.server.theirs.hear(4), "body");
  EXPECT_EQ(m.turn(), progress::counted);
  EXPECT_TRUE(hears_nothing(m.server.theirs));
  m.c.client.allowance = half_state::unlimited;
  EXPECT_TRUE(comes_to(m, progress::waiting));
  EXPECT_EQ(m.server.theirs.hear(9), "GET /next");
  EXPECT_EQ(m.c.client.moved, 13);
}

TEST(Allowance, LeavesTheOtherDirectionAlone) {
  made_channel m;
  m.c.client.allowance = 0;
  m.client.theirs.say("not yet");
  m.server.theirs.say("banner");
  EXPECT_TRUE(eventually([&] { return m.turn() == progress::counted && m.c.server.moved == 6; }));
  EXPECT_EQ(m.client.theirs.hear(6), "banner");
  EXPECT_TRUE(hears_nothing(m.server.theirs));
}

TEST(Allowance, IsNotUsedUpByWhoEndsBefore) {
  made_channel m;
  m.c.server.allowance = 10;
  m.server.theirs.say("short");
  m.server.theirs.end();
  EXPECT_TRUE(eventually([&] {
    m.turn();
    return m.c.server.passed_on;
  }));
  EXPECT_EQ(m.c.server.allowance, 5);
  EXPECT_EQ(m.client.theirs.hear(5), "short");
}

// Also where the kernel carries the bytes past us.
TEST(Allowance, IsExactInBulk) {
  made_channel m;
  const std::size_t most = (5 << 20) + 77;
  const std::string all = pattern(most + 1000);
  m.c.server.allowance = most;
  std::thread talking([&] { m.server.theirs.say(all); });
  std::string heard;
  std::thread hearing([&] { heard = m.client.theirs.hear(most); });
  const bool counted = eventually([&] {
    m.c.client.writable = true;
    return m.turn() == progress::counted;
  });
  hearing.join();
  EXPECT_TRUE(counted);
  EXPECT_TRUE(heard == all.substr(0, most));
  EXPECT_EQ(m.c.server.moved, most);
  EXPECT_TRUE(hears_nothing(m.client.theirs));
  m.carrier.close(m.c, false);
  talking.join();
}

TEST(Preface, ComesBeforeAllThatTheClientSays) {
  made_channel m;
  m.client.theirs.say("GET /");
  m.carrier.send_first(m.c, "PROXY UNKNOWN\r\n");
  EXPECT_TRUE(eventually([&] {
    m.turn();
    return m.c.client.moved == 5;
  }));
  EXPECT_EQ(m.server.theirs.hear(20), "PROXY UNKNOWN\r\nGET /");
  EXPECT_EQ(m.first, "GET /") << "it is not the client who says it";
}

TEST(Preface, GoesOutToAServerThatSpeaksFirst) {
  made_channel m;
  m.carrier.send_first(m.c, "PROXY UNKNOWN\r\n");
  EXPECT_EQ(m.turn(), progress::waiting);
  EXPECT_EQ(m.server.theirs.hear(15), "PROXY UNKNOWN\r\n");
  EXPECT_EQ(m.c.client.moved, 0);
}

TEST(Preface, GoesWithItsServerAndTheClientsBytesStay) {
  made_channel m;
  m.client.theirs.say("request");
  m.server.theirs.reset();
  m.carrier.send_first(m.c, "first ");
  EXPECT_TRUE(comes_to(m, progress::server_lost));
  m.replace_server();
  EXPECT_EQ(m.c.client.preface, 0);
  m.carrier.send_first(m.c, "second ");
  EXPECT_TRUE(eventually([&] {
    m.turn();
    return m.c.client.moved == 7;
  }));
  EXPECT_EQ(m.server.theirs.hear(14), "second request");
}

TEST(DetachedServer, ServesAnotherChannel) {
  made_channel m, n;
  m.client.theirs.say("one");
  EXPECT_TRUE(eventually([&] { return m.turn() == progress::waiting && m.c.client.moved == 3; }));
  EXPECT_EQ(m.server.theirs.hear(3), "one");
  m.server.theirs.say("answer");
  EXPECT_TRUE(eventually([&] { return m.turn() == progress::waiting && m.c.server.moved == 6; }));
  auto server = m.carrier.detach_server(m.c);
  ASSERT_TRUE(server);
  EXPECT_EQ(m.c.server.moved, 6) << "what has moved stays";
  m.carrier.close(m.c, false);
  EXPECT_TRUE(hears_nothing(m.server.theirs)) << "its server hears nothing of that";
  n.carrier.drop_server(n.c);
  n.carrier.attach_server(n.c, std::move(*server));
  n.client.theirs.say("two");
  EXPECT_TRUE(eventually([&] { return n.turn() == progress::waiting && n.c.client.moved == 3; }));
  EXPECT_EQ(m.server.theirs.hear(3), "two");
}

TEST(DetachedServer, IsNoneWithoutRest) {
  made_channel m;
  m.c.server.hung_up = true;
  EXPECT_FALSE(m.carrier.detach_server(m.c));
  m.c.server.hung_up = false;
  m.client.theirs.end();
  EXPECT_TRUE(eventually([&] {
    m.turn();
    return m.c.client.passed_on;
  }));
  EXPECT_FALSE(m.carrier.detach_server(m.c)) << "it takes nothing more";
  made_channel held;
  held.c.server.writable = false;
  held.client.theirs.say("unsent");
  EXPECT_TRUE(eventually([&] {
    held.turn();
    return held.c.client.unsent();
  }));
  EXPECT_FALSE(held.carrier.detach_server(held.c));
  EXPECT_FALSE(made_channel().carrier.detach_server(m.c = {}));
}

// As another process would, with descriptors of the same sockets.
TEST(HalfImage, GoesOnWhereTheOtherStopped) {
  made_channel m;
  m.c.server.writable = false;
  m.client.theirs.say("held");
  EXPECT_TRUE(eventually([&] {
    m.turn();
    return m.c.client.unsent();
  }));
  const int client = dup(m.c.client.bytes.fd.get()), server = dup(m.c.server.bytes.fd.get());
  const half_image of_client = m.carrier.take_image(m.c.client), of_server = m.carrier.take_image(m.c.server);
  EXPECT_EQ(of_client.held, "held");
  EXPECT_FALSE(m.c.client.unsent());
  m.carrier.close(m.c, false);
  channel other;
  m.carrier.restore(other.client, descriptor(client), of_client);
  m.carrier.restore(other.server, descriptor(server), of_server);
  m.client.theirs.say(" and new");
  m.server.theirs.say("answer");
  EXPECT_TRUE(eventually([&] {
    other.client.readable = other.server.readable = true;
    m.carrier.turn(other);
    return other.client.moved == 12 && other.server.moved == 6;
  }));
  EXPECT_EQ(m.server.theirs.hear(12), "held and new");
  EXPECT_EQ(m.client.theirs.hear(6), "answer");
}

TEST(HalfImage, HoldsWhatLiesInAPipe) {
  made_channel m;
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
  m.c.server.through = std::make_unique<pipe_ends>(pipe_ends{descriptor(ends[1]), descriptor(ends[0]), 7});
  ASSERT_EQ(write(ends[1], "in pipe", 7), 7);
  EXPECT_EQ(m.carrier.take_image(m.c.server).held, "in pipe");
  EXPECT_FALSE(m.c.server.holds());
}

TEST(HalfImage, KeepsWhatIsKnownOfIt) {
  made_channel m;
  m.c.client.moved = 7, m.c.client.allowance = 9, m.c.client.ended = m.c.client.urgent = true;
  const half_image image = m.carrier.take_image(m.c.client);
  m.carrier.close(m.c, false);
  half other;
  m.carrier.restore(other, descriptor(), image);
  half_state expected = image.state;
  expected.readable = expected.writable = true;  // until the kernel has been asked
  EXPECT_EQ(static_cast<const half_state&>(other), expected);
}

}  // namespace

}  // namespace holdfast
