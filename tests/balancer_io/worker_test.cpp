// Limits, orders and reports of a worker.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <algorithm>
#include <set>

#include "tests/balancer_io/rig.h"

namespace holdfast {

namespace {

TEST(Worker, StopsAcceptingAtTheLimitAndResumesWhenThereIsRoom) {
  backend a(echo);
  rig r({a.where()}, [](auto& p) { p.conn_max = 2; });
  r.start();
  peer first = r.client(), second = r.client(), third = r.client();
  third.say("let me in");
  first.say("1");
  second.say("2");
  EXPECT_EQ(first.hear(1), "1");
  EXPECT_EQ(second.hear(1), "2");
  EXPECT_TRUE(eventually([&] { return r.live().full == 1; }));
  const std::uint64_t before = r.work().live().beats;
  EXPECT_TRUE(eventually([&] { return r.work().live().beats > before + 20; }));
  EXPECT_EQ(r.live().accepted, 2);
  EXPECT_EQ(r.live().connections, 2);
  first.close();
  EXPECT_EQ(third.hear(9), "let me in");
  EXPECT_LE(r.live().full, 2);  // stops are counted, not looks
}

TEST(Worker, StopsAcceptingWhileTooManyConnectsAreUnderWay) {
  black_hole slow;
  rig r({slow.where()}, [](auto& p) {
    p.pending_total = 1;
    p.timeout = 300ms;
  });
  r.start();
  peer one = r.client(), two = r.client();
  EXPECT_TRUE(eventually([&] { return r.live().accepted == 1; }));
  const std::uint64_t before = r.work().live().beats;
  EXPECT_TRUE(eventually([&] { return r.work().live().beats > before + 5; }));
  EXPECT_EQ(r.live().accepted, 1);
  EXPECT_TRUE(eventually([&] { return r.live().accepted == 2; }));  // the first has been given up
}

// Clients wait in the kernel's queue; the process may open one more descriptor than it has.
TEST(Worker, BacksOffAtTheFileLimitAndDoesNotSpin) {
  backend a(echo);
  rig r({a.where()});
  auto listener = open_listening_socket(loopback(), 64);
  ASSERT_TRUE(listener);
  const endpoint where = local_name(listener->get());
  std::vector<peer> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(peer::to(where));
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const descriptor highest(dup(listener->get()));
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(highest.get()) + 1;
  setrlimit(RLIMIT_NOFILE, &tight);
  r.adopt();
  r.work().post(open_listener{.listener = 1, .service = 1, .fd = listener->release(), .where = where});
  EXPECT_TRUE(eventually([&] { return !r.reports<accept_trouble>().empty(); }));
  const std::uint64_t beats = r.work().live().beats;
  poll(nullptr, 0, 500);
  EXPECT_LT(r.work().live().beats - beats, 500);  // spinning would be hundreds of thousands
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(r.reports<accept_trouble>()[0].why, "Too many open files");
  for (peer& client : clients) {
    client.say("x");
    EXPECT_EQ(client.hear(1), "x");
  }
}

TEST(Worker, LeavesTheLastDescriptorsToOthersAndServesEvenSo) {
  backend a(echo);
  rig r({a.where()}, {}, 46);  // of which 34 are kept, 4 its own: room for four clients
  r.start();
  std::vector<peer> clients;
  for (int i = 0; i < 6; ++i) clients.push_back(r.client());
  EXPECT_TRUE(eventually([&] { return r.live().no_files == 1 && r.live().accepted == 4; }));
  EXPECT_THAT(r.reports<accept_trouble>().at(0).why, testing::StartsWith("the last 34 descriptors are for control"));
  for (int i = 0; i < 6; ++i) {  // each gets in as soon as another has gone
    clients[0].say("x");
    EXPECT_EQ(clients[0].hear(1), "x");
    clients.erase(clients.begin());
  }
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
}

TEST(Worker, LetsOneInWhenThereIsNoRoomAtAll) {
  backend a(echo);
  rig r({a.where()}, {}, 10);
  r.start();
  for (int i = 0; i < 3; ++i) {
    peer client = r.client();
    client.say("x");
    EXPECT_EQ(client.hear(1), "x");
  }
}

TEST(Worker, KeepsRunningFlowsOnTheirPoolAndGivesNewOnesTheNewest) {
  backend a(echo), b(echo);
  rig r({a.where()});
  r.start();
  peer old = r.client();
  old.say("1");
  EXPECT_EQ(old.hear(1), "1");
  const std::weak_ptr<server_live> former = r.made.servers[0].live;
  r.made.servers[0] = made_server("other", 9);
  r.made.clients->know(9, r.made.servers[0].identity_hash);
  r.made.servers[0].where = b.where();
  r.made.index();
  r.adopt();
  EXPECT_TRUE(eventually([&] {
    peer client = r.client();
    client.say("2");
    client.hear(1);
    return r.server(0).connects > 0;
  }));
  old.say("3");
  EXPECT_EQ(old.hear(1), "3");
  EXPECT_FALSE(former.expired());
  old.close();
  EXPECT_TRUE(eventually([&] { return former.expired(); }));
}

TEST(Worker, LosesNoRequestWhilePoolsAreReplaced) {
  backend a(says("a")), b(says("a"));
  rig r({a.where(), b.where()}, [](auto& p) { p.roundrobin = true; });
  r.start();
  std::atomic<int> wrong = 0;
  std::atomic<bool> over = false;
  std::vector<std::thread> crowd;
  for (int i = 0; i < 4; ++i) {
    crowd.emplace_back([&] {
      while (!over) {
        peer client = r.client();
        client.say("who\n");
        wrong += client.hear_all() != "a";
      }
    });
  }
  for (int i = 0; i < 100; ++i) {
    r.adopt();
    poll(nullptr, 0, 5);
  }
  over = true;
  for (std::thread& t : crowd) t.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
}

TEST(Worker, CountsBackToNothingAfterManyConnections) {
  backend a(says("a"));
  rig r({a.where()});
  r.start();
  std::vector<std::thread> crowd;
  for (int i = 0; i < 8; ++i) {
    crowd.emplace_back([&, i] {
      for (int n = 0; n < 100; ++n) {
        peer client = r.client();
        client.say("who\n");
        if (n % 3 == i % 3) {
          client.reset();
        } else {
          EXPECT_EQ(client.hear_all(), "a");
        }
      }
    });
  }
  for (std::thread& t : crowd) t.join();
  // Who has reset may still wait in the backlog.
  EXPECT_TRUE(eventually([&] { return r.live().accepted == 800 && r.at_rest(); }));
  EXPECT_EQ(r.live().accepted, 800);
}

TEST(Worker, ListsAndClosesConnections) {
  backend a(echo);
  rig r({a.where()});
  r.start();
  peer one = r.client(), two = r.client();
  one.say("1");
  EXPECT_EQ(one.hear(1), "1");
  two.say("22");
  EXPECT_EQ(two.hear(2), "22");
  const auto rows = r.connections();
  ASSERT_EQ(rows.size(), 2);
  const auto& row = rows[0].client == one.name() ? rows[0] : rows[1];
  EXPECT_EQ(row.client, one.name());
  EXPECT_EQ(row.service, 1);
  EXPECT_EQ(row.server, "web0");
  EXPECT_EQ(row.state, flow_state::relaying);
  EXPECT_EQ(row.sent, 1);
  EXPECT_EQ(row.received, 1);
  EXPECT_NE(rows[0].id, rows[1].id);
  EXPECT_EQ(r.connections({.service = 1}).size(), 2U);
  EXPECT_EQ(r.connections({.service = 2}).size(), 0U);
  EXPECT_FALSE(r.close(row.id + (1 << 20)));
  EXPECT_TRUE(r.close(row.id));
  EXPECT_EQ(one.hear_all(), "");
  EXPECT_FALSE(r.close(row.id));
  EXPECT_EQ(worker_of(row.id), 3U);
  two.say("3");
  EXPECT_EQ(two.hear(1), "3");
  r.work().post(close_flows{.service = 1, .server = 77});
  two.say("4");
  EXPECT_EQ(two.hear(1), "4");
  r.work().post(close_flows{.service = 1, .server = 1});
  EXPECT_EQ(two.hear_all(), "");
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
}

TEST(Worker, ResetsConnectionsThatHaveHeardNothingOfTheirServerSinceItWentDown) {
  std::atomic<int> resets = 0;
  backend a([&](peer& with) {
    for (std::string said = with.hear(1); !said.empty(); said = with.hear(1)) with.say(said);
    resets += with.was_reset();
  });
  rig r({a.where()});
  r.start();
  peer silent = r.client(), busy = r.client();
  const auto talk = [](peer& with) {
    with.say("x");
    return with.hear(1) == "x";
  };
  EXPECT_TRUE(talk(silent));
  EXPECT_TRUE(talk(busy));
  r.work().post(close_silent{.service = 1, .server = 1, .closes = true});
  EXPECT_EQ(r.connections().size(), 2U) << "nothing is known yet of what they have heard";
  EXPECT_TRUE(talk(busy));
  r.work().post(close_silent{.service = 1, .server = 77, .closes = true});
  r.work().post(close_silent{.service = 1, .server = 1, .closes = true});
  EXPECT_EQ(silent.hear_all(), "");
  EXPECT_TRUE(silent.was_reset());
  EXPECT_TRUE(eventually([&] { return resets == 1; })) << "the server's side, too";
  EXPECT_TRUE(talk(busy)) << "a server that speaks is not gone, whatever checks say";
  r.work().post(close_silent{.service = 1, .server = 1, .closes = false});
  EXPECT_EQ(r.connections().size(), 1U);
  r.work().post(close_silent{.service = 1, .server = 1, .closes = true});
  EXPECT_EQ(busy.hear_all(), "");
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
}

TEST(Worker, ListsTheConnectionsOnWhichBytesHaveMovedLast) {
  backend a(echo);
  rig r({a.where()});
  r.start();
  std::vector<peer> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(r.client());
    clients.back().say("x");
    EXPECT_EQ(clients.back().hear(1), "x");
  }
  for (const std::size_t busy : {3, 1}) {
    poll(nullptr, 0, 30);  // the worker's clock is a coarse one
    clients[busy].say("y");
    EXPECT_EQ(clients[busy].hear(1), "y");
  }
  const auto rows = r.connections({.service = {}, .most = 2});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ((std::set{rows[0].client.port, rows[1].client.port}),
            (std::set{clients[1].name().port, clients[3].name().port}));
}

TEST(Worker, LetsInWhoHasKnockedBeforeAListenerCloses) {
  backend a(echo);
  rig r({a.where()});
  r.start();
  peer client = r.client();
  r.work().post(close_listener{7});
  client.say("x");
  EXPECT_EQ(client.hear(1), "x");
  EXPECT_TRUE(eventually([&] {
    const socket_address at(r.where());
    const descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return connect(fd.get(), at.get(), at.length) != 0;
  }));
}

TEST(Worker, ForgetsAServiceThatListensNoMore) {
  backend a(echo);
  rig r({a.where()});
  r.start();
  const std::weak_ptr<client_table> table = r.made.clients;
  peer client = r.client();
  client.say("x");
  EXPECT_EQ(client.hear(1), "x");
  r.made.clients.reset();
  r.work().post(close_listener{7});
  r.work().post(close_flows{.service = 1, .server = std::nullopt});
  EXPECT_EQ(client.hear_all(), "");
  EXPECT_TRUE(eventually([&] { return table.expired(); }));
}

TEST(Worker, EndsWhatIsLeftWhenItEnds) {
  backend a(echo);
  auto r = std::make_unique<rig>(std::vector{a.where()});
  r->start();
  peer client = r->client();
  client.say("x");
  EXPECT_EQ(client.hear(1), "x");
  const auto live = r->made.live;
  r.reset();
  EXPECT_EQ(client.hear_all(), "");
  EXPECT_EQ(live->connections, 0);
}

// Of a listening socket the kernel tells its backlog where it tells selective acknowledgements of others.
std::uint32_t backlog_of(int listening) {
  tcp_info info{};
  socklen_t length = sizeof info;
  EXPECT_EQ(getsockopt(listening, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
  return info.tcpi_sacked;
}

TEST(Worker, MovesTheBacklogOfAListenerThatIsKept) {
  backend a(says("a"));
  rig r({a.where()}, [](auto& p) { p.backlog = 100; });
  r.start();
  EXPECT_TRUE(eventually([&] { return backlog_of(r.listening()) == 100; }));
  r.made.policy.backlog = 77;
  r.adopt();
  EXPECT_TRUE(eventually([&] { return backlog_of(r.listening()) == 77; }));
  peer client = r.client();
  client.say("who\n");
  EXPECT_EQ(client.hear_all(), "a");
}

}  // namespace

}  // namespace holdfast
