// From the accept to the choice of the server, and what happens when it fails.
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "tests/balancer_io/rig.h"

namespace holdfast {

namespace {

// A port that nobody listens on.
endpoint nobody() {
  const descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const socket_address any(loopback());
  EXPECT_EQ(bind(fd.get(), any.get(), any.length), 0);
  return local_name(fd.get());
}

std::string ask(rig& r) {
  peer client = r.client();
  client.say("who\n");
  return client.hear_all();
}

TEST(Flow, SpreadsClientsAndSendsThemBackToTheirServer) {
  backend a(says("a")), b(says("b"));
  rig r({a.where(), b.where()});
  r.start();
  const std::string first = ask(r);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(r), first);
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
  const auto known = r.made.clients->recent(0, 10);
  ASSERT_EQ(known.size(), 1);
  EXPECT_EQ(known[0].connects, 6);
  EXPECT_EQ(known[0].received, 6 * 4);
  EXPECT_EQ(known[0].sent, 6);
  EXPECT_EQ(r.live().accepted, 6);
}

TEST(Flow, TakesTurnsWhenItRemembersNobody) {
  backend a(says("a")), b(says("b"));
  rig r({a.where(), b.where()}, [](auto& p) { p.roundrobin = true; });
  r.start();
  const std::string first = ask(r);
  EXPECT_NE(ask(r), first);
  EXPECT_EQ(ask(r), first);
}

TEST(Flow, GoesToTheNextServerWhenOneRefuses) {
  backend b(says("b"));
  rig r({nobody(), b.where()}, [](auto& p) { p.roundrobin = true; });
  r.start();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(r), "b");
  EXPECT_EQ(r.server(0).failures, 1);  // once, then it is blacklisted
  EXPECT_NE(r.server(0).blacklisted_until, 0);
  const auto failed = r.reports<server_failed>();
  ASSERT_EQ(failed.size(), 1);
  EXPECT_EQ(failed[0].service, 1);
  EXPECT_EQ(failed[0].server, 1);
  EXPECT_TRUE(failed[0].why.ends_with(": Connection refused")) << failed[0].why;
  EXPECT_TRUE(failed[0].blacklisted);
}

TEST(Flow, TellsThatABlacklistedServerHasReturned) {
  const endpoint place = nobody();
  rig r({place}, [](auto& p) { p.blacklist = 1ms; });
  r.start();
  EXPECT_EQ(ask(r), "");
  backend back(says("back"), place);
  EXPECT_TRUE(eventually([&] { return ask(r) == "back"; }));
  EXPECT_EQ(r.reports<server_returned>().size(), 1);
  EXPECT_EQ(r.server(0).blacklisted_until, 0);
}

TEST(Flow, GoesToTheNextServerWhenOneDoesNotAnswer) {
  black_hole a;
  backend b(says("b"));
  rig r({a.where(), b.where()}, [](auto& p) {
    p.roundrobin = true;
    p.timeout = 100ms;
  });
  r.start();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ask(r), "b");
  ASSERT_EQ(r.reports<server_failed>().size(), 1);
  EXPECT_EQ(r.reports<server_failed>()[0].why, a.where().text() + ": Connection timed out");
}

TEST(Flow, ClosesWhenNoServerIsLeft) {
  rig r({nobody(), nobody()});
  r.start();
  EXPECT_EQ(ask(r), "");
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
  EXPECT_EQ(r.live().no_server, 1);
}

TEST(Flow, AsksTheEmergencyServerLast) {
  backend last(says("last"));
  rig r({nobody()});
  r.made.emergency = made_server("emergency", 90);
  r.made.emergency->where = last.where();
  r.start();
  EXPECT_EQ(ask(r), "last");
  EXPECT_EQ(r.live().to_emergency, 1);
  EXPECT_EQ(r.made.clients->size(), 0);  // nobody stays there
}

TEST(Flow, RefusesWhomTheAclRefuses) {
  backend a(says("a"));
  rig r({a.where()});
  r.made.client_acl = only("127.0.0.1", false);
  r.start();
  EXPECT_EQ(ask(r), "");
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
  EXPECT_EQ(r.live().refused_acl, 1);
  EXPECT_EQ(a.conversations(), 0);
}

// The server dies while the client has not spoken yet: what it then says arrives once, at the next server.
// Servers do so with whom they have not heard; it is no failure, and no reason to look for another one.
TEST(Flow, PassesOnTheResetOfAServerThatHasHeardNothing) {
  descriptor dying(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const socket_address any(loopback());
  ASSERT_EQ(bind(dying.get(), any.get(), any.length), 0);
  ASSERT_EQ(listen(dying.get(), 16), 0);
  backend b(says("b"));
  rig r({local_name(dying.get()), b.where()});
  r.made.live->cursor = 1;  // so that the first is the dying one
  r.start();
  peer client = r.client();
  EXPECT_TRUE(eventually([&] { return r.server(0).connects == 1; }));
  dying.reset();  // the kernel resets what nobody has accepted
  EXPECT_EQ(client.hear_all(), "");
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
  EXPECT_EQ(r.server(0).failures, 0);
  EXPECT_EQ(r.server(0).blacklisted_until, 0);
  EXPECT_EQ(r.server(1).connects, 0);
}

TEST(Flow, WaitsForTheClientsFirstBytesWhenItPeeks) {
  backend a(says("a"));
  rig r({a.where()}, [](auto& p) { p.peek = true; });
  r.start();
  peer silent = r.client();
  peer client = r.client();
  EXPECT_TRUE(eventually([&] { return r.live().connections == 2; }));
  EXPECT_EQ(r.connections()[0].state, flow_state::peeking);
  EXPECT_EQ(r.server(0).connects, 0);
  client.say("who\n");
  EXPECT_EQ(client.hear_all(), "a");
  silent.close();
  client.close();
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
  EXPECT_EQ(r.server(0).connects, 1);
}

TEST(Flow, ComesFromTheSourceAddress) {
  backend a([](peer& with) { with.say(with.other().host.text()); });
  rig r({a.where()}, [](auto& p) { p.source = address::v4(0x7f000005); });
  r.start();
  EXPECT_EQ(ask(r), "127.0.0.5");
}

// The balancer's end of the connection with `other`; it is in this process.
int descriptor_facing(const endpoint& other) {
  for (int fd = 0; fd < 1024; ++fd) {
    socket_address peer_name;
    if (getpeername(fd, peer_name.get(), &peer_name.length) == 0 && peer_name.where() == other) return fd;
  }
  return -1;
}

int option_of(int fd, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  return getsockopt(fd, level, name, &value, &length) == 0 ? value : -1;
}

TEST(Flow, LetsTheKernelAskBothSidesUnlessToldNotTo) {
  for (const bool wanted : {true, false}) {
    backend a(echo);
    rig r({a.where()}, [&](auto& p) {
      if (!wanted) p.keepalive = false;
      p.keepalive_time = 7s;
    });
    r.start();
    const int idle = wanted ? 7 : 60;  // seconds; where nobody asks it stays as the listener was made
    ASSERT_TRUE(eventually([&] {
      return option_of(r.listening(), SOL_SOCKET, SO_KEEPALIVE) == (wanted ? 1 : 0) &&
             option_of(r.listening(), IPPROTO_TCP, TCP_KEEPIDLE) == idle;
    }));
    peer client = r.client();
    client.say("x");
    ASSERT_EQ(client.hear(1), "x");
    for (const int facing : {descriptor_facing(client.name()), descriptor_facing(a.where())}) {
      EXPECT_EQ(option_of(facing, SOL_SOCKET, SO_KEEPALIVE), wanted ? 1 : 0);
      if (!wanted) continue;
      EXPECT_EQ(option_of(facing, IPPROTO_TCP, TCP_KEEPIDLE), idle) << "not two hours";
      EXPECT_EQ(option_of(facing, IPPROTO_TCP, TCP_KEEPINTVL), 10);
      EXPECT_EQ(option_of(facing, IPPROTO_TCP, TCP_KEEPCNT), 6);
    }
  }
}

TEST(Flow, UsesTheListenersPortForAServerWithout) {
  rig r({endpoint{.host = address::v4(0x7f000002), .port = 0, .path = {}}});
  r.start();
  backend a(says("same port"), {.host = address::v4(0x7f000002), .port = r.where().port, .path = {}});
  EXPECT_EQ(ask(r), "same port");
}

TEST(Flow, EndsConnectionsThatAreIdle) {
  backend a(echo);
  rig r({a.where()}, [](auto& p) { p.idle_timeout = 1s; });
  r.start();
  peer idle = r.client();
  peer busy = r.client();
  bool ended = false;
  for (int i = 0; i < 200 && !ended; ++i) {
    busy.say("x");
    ASSERT_EQ(busy.hear(1), "x");
    pollfd end{.fd = idle.fd(), .events = POLLIN, .revents = 0};
    ended = poll(&end, 1, 100) == 1;
  }
  EXPECT_TRUE(ended);
  EXPECT_EQ(idle.hear_all(), "");
  busy.say("y");
  EXPECT_EQ(busy.hear(1), "y");
}

// `up`: the server's end is everybody's end. `down`: the client's.
TEST(Flow, ClosesBothSidesAtOnceWhenToldTo) {
  backend ends([](peer& with) {
    with.hear(1);
    with.say("bye");
    with.end();
    EXPECT_EQ(with.hear_all(), "");
  });
  rig up({ends.where()}, [](auto& p) { p.tcp_fastclose = fastclose::up; });
  up.start();
  peer client = up.client();
  client.say("x");
  EXPECT_EQ(client.hear_all(), "bye");
  EXPECT_TRUE(eventually([&] { return up.at_rest(); }));  // though the client keeps its side open

  backend stays([](peer& with) { with.hear_all(); });
  rig down({stays.where()}, [](auto& p) { p.tcp_fastclose = fastclose::down; });
  down.start();
  peer other = down.client();
  other.say("x");
  other.end();
  EXPECT_EQ(other.hear_all(), "");
}

TEST(Flow, FindsItsWayOverUnixSocketsAndIpv6) {
  const endpoint v6{.host = *address::parse("::1"), .port = 0, .path = {}};
  const std::string path = testing::TempDir() + "holdfast-" + std::to_string(getpid());
  const endpoint front{.host = {}, .port = 0, .path = path + ".front"};
  backend a([](peer& with) { with.say(with.hear_all()); }, {.host = {}, .port = 0, .path = path + ".back"});
  backend b([](peer& with) { with.say(with.hear_all()); }, v6);
  const std::string said = pattern(3 << 20);
  for (const auto& [listener, server] : {std::pair{front, b.where()}, std::pair{v6, a.where()}}) {
    rig r({server});
    r.start(listener);
    peer client = r.client();
    std::thread talking([&] {
      client.say(said);
      client.end();
    });
    EXPECT_TRUE(client.hear_all() == said);
    talking.join();
    EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
  }
  unlink(front.path.c_str());
  unlink(a.where().path.c_str());
}

}  // namespace

}  // namespace holdfast
