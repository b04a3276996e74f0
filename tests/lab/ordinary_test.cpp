// What a farm does on ordinary days, and whom it is no fault of.
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "tests/lab/scene.h"
#include "tests/lab/socket_address_io.h"

namespace holdfast::lab {
namespace {

// Serves each connection on a thread of its own until it ends.
class small_server {
 public:
  using serve = std::function<void(conversation&)>;
  small_server(const host& where, const endpoint& at, serve each) : each_(std::move(each)) {
    const socket_address local(at);
    listening_ = where.socket(local.family(), SOCK_STREAM);
    const int on = 1;
    ::setsockopt(listening_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(listening_.get(), local.get(), local.length) != 0 || ::listen(listening_.get(), 500) != 0)
      throw std::runtime_error("can't listen on " + at.text());
    accepting_ = std::thread([this] { run(); });
  }
  ~small_server() {
    ::shutdown(listening_.get(), SHUT_RDWR);
    accepting_.join();
    for (auto& t : serving_) t.join();
  }

 private:
  void run() {
    while (true) {
      descriptor client(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client) return;
      serving_.emplace_back([this, talk = std::make_shared<conversation>(std::move(client), 10s)] { each_(*talk); });
    }
  }

  serve each_;
  descriptor listening_;
  std::thread accepting_;
  std::vector<std::thread> serving_;
};

// Answers what it is asked, and resets who has nothing to say.
void answer_or_reset(conversation& client) {
  if (client.receive(100).empty()) return client.reset();
  client.send("ok");
}

std::string say_hello(testbed& bed, const address& from) {
  conversation talk(bed.crowd(), from, testbed::service4());
  talk.send("hello");
  return talk.receive_all();
}

std::uint64_t figure(watched_balancer& lb, const std::string& name) {
  const std::string status = lb.ctl({"--json", "status"}).text;
  const auto at = status.find('"' + name + "\":");
  return at == status.npos ? ~0ULL : std::strtoull(status.c_str() + at + name.size() + 3, nullptr, 10);
}

const std::string web = "service web\nlisten 192.0.2.80:80\n";

TEST(Blame, FallsOnNoServerThatResetsEmptyConnections) {
  testbed bed(3);
  std::vector<std::unique_ptr<small_server>> servers;
  std::string lines = web;
  for (int i = 0; i < 3; ++i) {
    servers.push_back(
        std::make_unique<small_server>(bed.server(i).machine(), at(bed.server(i).address4(), 81), answer_or_reset));
    lines += "server " + std::to_string(i) + " address " + bed.server(i).address4() + ":81\n";
  }
  watched_balancer lb(bed, lines);
  const auto clients = testbed::clients4(60);
  for (const address& client : clients) conversation(bed.crowd(), client, testbed::service4());
  for (const address& client : clients) ASSERT_EQ(say_hello(bed, client), "ok");
  EXPECT_EQ(lb.tell("servers").find("blacklisted"), std::string::npos);
  EXPECT_TRUE(eventually([&] { return figure(lb, "connections") == 0; })) << "no connection is left behind";
}

TEST(Blame, FallsOnNoServerWhenPortsHaveRunOut) {
  testbed bed(1);
  bed.front().sysctl("net/ipv4/ip_local_port_range", "20000 20099");
  bed.front().sysctl("net/ipv4/tcp_tw_reuse", "1");  // after a second, what we closed first may be used again
  watched_balancer lb(bed, web + bed.servers4());
  std::vector<conversation> held;
  for (const address& client : testbed::clients4(100)) {
    held.emplace_back(bed.crowd(), client, testbed::service4());
    if (held.back().get().front() == '(') break;
  }
  ASSERT_GE(held.size(), 90U);
  std::thread late(
      [&] { EXPECT_EQ(ask(bed.crowd(), at("10.9.5.5"), testbed::service4(), 10s), "s0") << "it waits for a port"; });
  EXPECT_TRUE(eventually([&] { return figure(lb, "no_room") > 0; }));
  held.erase(held.begin() + 50, held.end());
  late.join();
  EXPECT_EQ(lb.tell("servers").find("blacklisted"), std::string::npos);
}

TEST(LastServer, ServesAsSoonAsItIsBack) {
  testbed bed(1);
  watched_balancer lb(bed, web + bed.servers4());
  ASSERT_EQ(bed.ask(at("10.9.0.1")), "s0");
  bed.server(0).kill();
  EXPECT_EQ(bed.ask(at("10.9.0.1")).front(), '(');
  bed.server(0).start();
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s0") << "its blacklisting of 30 s does not matter";
  EXPECT_EQ(lb.tell("servers").find("blacklisted"), std::string::npos);
}

TEST(Weight, IsTheShareOfShortConnections) {
  testbed bed(2);
  for (const std::string policy : {"", "weight\n"}) {
    watched_balancer lb(bed, web + policy + "server 0 address " + bed.server(0).address4() + ":80\nserver 1 address " +
                                 bed.server(1).address4() + ":80 weight 2\n");
    std::map<std::string, int> count;
    for (const address& client : testbed::clients4(90)) {
      ++count[bed.ask(client)];
      EXPECT_TRUE(eventually([&] { return lb.tell("connections").find(client.text()) == std::string::npos; }));
    }
    EXPECT_EQ(count["s1"], 60) << policy;
  }
}

// The client waits for the server's greeting, as with SMTP: it never says the first word.
TEST(Peek, GivesAServerToWhoSaysNothing) {
  testbed bed(1);
  const small_server greeter(bed.server(0).machine(), at(bed.server(0).address4(), 25),
                             [](conversation& client) { client.send("220 hello"); });
  watched_balancer lb(bed, web + "peek 300ms\nserver 0 address " + bed.server(0).address4() + ":25\n");
  conversation silent(bed.crowd(), at("10.9.0.1"), testbed::service4());
  EXPECT_EQ(silent.receive(100), "220 hello");
}

TEST(Peek, ChoosesByWhatIsConfiguredWhenTheClientSpeaks) {
  testbed bed(2);
  watched_balancer lb(bed, web + "peek 10s\nroundrobin\n" + bed.servers4());
  std::vector<conversation> waiting;
  for (const address& client : testbed::clients4(20)) waiting.emplace_back(bed.crowd(), client, testbed::service4());
  EXPECT_TRUE(eventually([&] { return lb.tell("connections").find("connecting") == std::string::npos; }));
  lb.tell("service web no server 1");
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(waiting[i].get(), "s0");
  lb.tell("acl 0 deny 0.0.0.0/0");
  for (std::size_t i = 10; i < 20; ++i) EXPECT_EQ(waiting[i].get().front(), '(');
}

TEST(Connections, AreListedAndClosedByServerAndClient) {
  testbed bed(2);
  watched_balancer lb(bed, web + "roundrobin\n" + bed.servers4());
  std::vector<conversation> held;
  for (const address& client : testbed::clients4(6)) {
    held.emplace_back(bed.crowd(), client, testbed::service4());
    ASSERT_EQ(held.back().get().front(), 's');
  }
  const auto rows = [&](const std::string& which) {
    const std::string all = lb.tell("service web connections" + which);
    return std::count(all.begin(), all.end(), '\n') - 1;
  };
  EXPECT_EQ(rows(""), 6);
  EXPECT_EQ(rows(" server 0"), 3);
  EXPECT_EQ(rows(" client 10.9.0.2"), 1);
  EXPECT_EQ(rows(" older 1h"), 0);
  lb.tell("client 10.9.0.2 close");
  EXPECT_TRUE(eventually([&] { return rows("") == 5; }));
  lb.tell("service web close server 0");
  EXPECT_TRUE(eventually([&] { return rows(" server 0") == 0; }));
  EXPECT_GE(rows(" server 1"), 2);
}

}  // namespace
}  // namespace holdfast::lab
