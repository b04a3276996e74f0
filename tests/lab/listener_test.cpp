// Where clients come in: several services, families, ports, and UNIX sockets; and how connections end.
#include "tests/lab/bulk.h"
#include "tests/lab/scene.h"

namespace holdfast::lab {
namespace {

std::string server_line(testbed& bed, int n) { return "server 0 address " + bed.server(n).address4() + " port 80\n"; }

TEST(Service, HasListenersServersAndClientsOfItsOwn) {
  testbed bed(3);
  watched_balancer lb(bed, "service web\nlisten 192.0.2.80:80\nlisten [2001:db8::80]:80\n" + server_line(bed, 0) +
                               "service mail\nlisten 192.0.2.80:25\nlisten 192.0.2.80:587\n" + server_line(bed, 1) +
                               "service spare\nlisten 192.0.2.80:8080\n" + server_line(bed, 2));
  for (const address& client : testbed::clients4(20)) {
    EXPECT_EQ(bed.ask(client, testbed::service4(80)), "s0");
    EXPECT_EQ(bed.ask(client, testbed::service4(25)), "s1");
    EXPECT_EQ(bed.ask(client, testbed::service4(587)), "s1");
    EXPECT_EQ(bed.ask(client, testbed::service4(8080)), "s2");
  }
  EXPECT_EQ(bed.ask(at("fd00:9::1"), testbed::service6(80)), "s0");
}

TEST(Service, RemovedAtRunTimeLeavesTheOthersAlone) {
  testbed bed(2);
  watched_balancer lb(bed, "service web\nlisten 192.0.2.80:80\n" + server_line(bed, 0) +
                               "service mail\nlisten 192.0.2.80:25\n" + server_line(bed, 1));
  conversation running(bed.crowd(), at("10.9.0.1"), testbed::service4(80));
  EXPECT_EQ(running.get(), "s0");
  EXPECT_EQ(bed.ask(at("10.9.0.1"), testbed::service4(25)), "s1");
  lb.tell("no service mail");
  EXPECT_TRUE(eventually([&] { return bed.ask(at("10.9.0.1"), testbed::service4(25)) == "(refused)"; }));
  EXPECT_EQ(running.get(), "s0");
}

TEST(Listener, MayBeAUnixSocket) {
  testbed bed(1);
  const std::string path = bed.files().path() / "clients.sock";
  watched_balancer lb(bed, "service web\nlisten " + path + "\n" + server_line(bed, 0));
  const endpoint there{.host = {}, .port = 0, .path = path};
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask(bed.crowd(), address(), there), "s0");
}

TEST(Listener, AddedAtRunTimeServesAndRemovedServesNoMore) {
  testbed bed(1);
  watched_balancer lb(bed, "service web\nlisten 192.0.2.80:80\n" + server_line(bed, 0));
  lb.tell("service web listen 192.0.2.80:8080");
  EXPECT_TRUE(eventually([&] { return bed.ask(at("10.9.0.1"), testbed::service4(8080)) == "s0"; }));
  lb.tell("service web no listen 192.0.2.80:8080");
  EXPECT_TRUE(eventually([&] { return bed.ask(at("10.9.0.1"), testbed::service4(8080)) == "(refused)"; }));
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s0");
}

TEST(Listener, OnAnAddressThatIsNotHereYetServesWhenItComes) {
  testbed bed(1);
  watched_balancer lb(bed, "service web\nlisten 192.0.2.81:80\n" + server_line(bed, 0));
  bed.front().own("192.0.2.81/32");
  EXPECT_EQ(bed.ask(at("10.9.0.1"), at("192.0.2.81", 80)), "s0");
}

// The kernel would split the clients between the two without a word.
TEST(Listener, IsNotSharedWithAnotherBalancer) {
  testbed bed(1);
  const std::string text = "service web\nlisten 192.0.2.80:80\n" + server_line(bed, 0);
  std::optional<watched_balancer> first;
  first.emplace(bed, text);
  const std::string program = std::filesystem::read_symlink("/proc/" + std::to_string(first->program().pid()) + "/exe");
  const std::filesystem::path directory = bed.files().path() / "second", output = bed.files().path() / "second.out";
  const auto start = [&] {
    return bed.front().run({program, "-f", "-F", first->file(), "--run-dir", directory}, {.output = output});
  };
  process second = start();
  EXPECT_EQ(second.wait(5s), std::optional(1));
  EXPECT_THAT(second.output(), ::testing::HasSubstr("listen 192.0.2.80:80: another program uses that port already"));
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s0");
  first->program().kill(15);
  EXPECT_EQ(first->program().wait(5s), std::optional(0));
  second = start();
  EXPECT_TRUE(eventually([&] { return bed.ask(at("10.9.0.1")) == "s0"; }));
}

TEST(Listener, TakenAwayAndPutBackAtOnceServes) {
  testbed bed(1);
  watched_balancer lb(bed, "service web\nlisten 192.0.2.80:80\n" + server_line(bed, 0));
  for (int i = 0; i < 10; ++i) {
    lb.tell("service web no listen 192.0.2.80:80");
    lb.tell("service web listen 192.0.2.80:80");
  }
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s0");
}

// A service in front of a server that the test plays itself.
struct stage {
  testbed bed{0};
  host peer{"peer"};
  std::unique_ptr<watched_balancer> lb;
  std::optional<listener> server;

  explicit stage(const std::string& more = {}) {
    bed.net().plug(peer);
    peer.address("eth0", "10.0.2.1/16");
    server.emplace(peer, at("10.0.2.1", 9000));
    lb = std::make_unique<watched_balancer>(
        bed, "service raw\nlisten 192.0.2.80:9000\n" + more + "server 0 address 10.0.2.1 port 9000\n");
  }
  conversation client() { return {bed.crowd(), at("10.9.0.1"), testbed::service4(9000)}; }
};

TEST(End, OfTheClientsSendingReachesTheServerWhileTheAnswerIsStillToCome) {
  stage s;
  conversation client = s.client();
  conversation server(s.server->accept());
  client.send("question");
  client.finish();
  EXPECT_EQ(server.receive_all(), "question");
  server.send("answer");
  server.finish();
  EXPECT_EQ(client.receive_all(), "answer");
  EXPECT_EQ(client.trouble(), "(closed)");
}

TEST(End, OfTheServersSendingReachesTheClientWhoMayGoOn) {
  stage s;
  conversation client = s.client();
  conversation server(s.server->accept());
  server.send("greeting");
  server.finish();
  EXPECT_EQ(client.receive_all(), "greeting");
  EXPECT_TRUE(client.send("last words"));
  client.finish();
  EXPECT_EQ(server.receive_all(), "last words");
}

TEST(End, ByResetOfTheClientReachesTheServerAsReset) {
  stage s;
  conversation client = s.client();
  conversation server(s.server->accept());
  client.send("x");
  EXPECT_EQ(server.receive(1), "x");
  client.reset();
  EXPECT_EQ(server.receive(1), "");
  EXPECT_EQ(server.trouble(), "(reset)");
}

TEST(End, ByResetOfTheServerReachesTheClientAsReset) {
  stage s;
  conversation client = s.client();
  conversation server(s.server->accept());
  client.send("x");
  EXPECT_EQ(server.receive(1), "x");
  server.reset();
  EXPECT_EQ(client.receive(1), "");
  EXPECT_EQ(client.trouble(), "(reset)");
}

TEST(End, OfAThousandConnectionsLeavesNoDescriptorBehind) {
  testbed bed(1);
  watched_balancer lb(bed, "service web\nlisten 192.0.2.80:80\n" + server_line(bed, 0));
  const std::vector<address> clients = testbed::clients4(1000);
  EXPECT_EQ(bed.ask(clients.front()), "s0");
  const std::size_t before = lb.program().open_files();
  for (std::size_t i = 0; i < clients.size(); ++i) {
    conversation c(bed.crowd(), clients[i], testbed::service4());
    EXPECT_EQ(i % 4 == 0 ? "s0" : c.get(), "s0");  // every fourth leaves without a word
    if (i % 2 == 0) c.reset();
  }
  EXPECT_TRUE(eventually([&] { return lb.program().open_files() <= before + 20; }))  // a pool of pipes may stay
      << before << " before, now " << lb.program().open_files();
  EXPECT_TRUE(eventually([&] { return lb.tell("connections").find("10.9.") == std::string::npos; }));
}

}  // namespace
}  // namespace holdfast::lab
