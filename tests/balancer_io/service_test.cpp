#include <gtest/gtest.h>

#include "balancer/farm/service_io.h"
#include "balancer/names/name_book.h"
#include "balancer/sockets/listener_io.h"
#include "tests/balancer_io/peer.h"

namespace holdfast {

namespace {

// A service without workers.
class prepared {
 public:
  result<service::change, std::string> operator()(const service_settings& wanted) {
    return made_.prepare(wanted, {acls, names_, ours, 1, instant(1h)});
  }

  void becomes(const service_settings& wanted) {
    auto change = (*this)(wanted);
    ASSERT_TRUE(change) << change.error();
    made_.commit(std::move(*change));
  }
  const pool& is() const { return made_.current(); }
  bool is_elsewhere() const { return made_.is_elsewhere(names_); }

  acl_table acls;
  claims ours;
  name_book book;

 private:
  boost::asio::io_context io_;
  std::uint32_t next_listener_ = 1;
  resolver names_{book};
  worker_list nobody_;
  service made_{io_, 1, 1, next_listener_, nobody_, [] {}};
};

TEST(Service, HasAsManyConnectionsAsTheDescriptorsAllowWhereNothingIsSaid) {
  prepared service;
  service_settings wanted = fresh_service("web");
  EXPECT_EQ(service(wanted)->next->policy.conn_max, max_connections) << "what the means say";
  wanted.conn_max = 7;
  EXPECT_EQ(service(wanted)->next->policy.conn_max, 7U);
}

TEST(Service, CompilesAnAclOnceForAllItsServers) {
  prepared service;
  service.acls = acl_table({{"0", {{true, *prefix::parse("10.0.0.0/8")}}}}, {}, {});
  service_settings wanted;
  for (int i = 0; i < 200; ++i) {
    wanted.servers.push_back({.name = std::to_string(i), .where = {"127.0.0.1", std::to_string(8000 + i), ""}});
  }
  const auto change = service(wanted);
  ASSERT_TRUE(change) << change.error();
  for (const server& s : change->next->servers) EXPECT_EQ(s.permits, service.acls.find("0"));
  EXPECT_EQ(change->next->client_acl, service.acls.find("0"));
}

service_settings listening_at(const endpoint& where) {
  service_settings wanted;
  wanted.listeners.push_back({where.host.text(), std::to_string(where.port), ""});
  return wanted;
}

TEST(Service, DoesNotShareItsPortWithAnotherProgram) {
  const auto theirs = open_listening_socket(loopback(), 10);
  ASSERT_TRUE(theirs);
  const endpoint where = local_name(theirs->get());
  prepared service;
  const auto refused = service(listening_at(where));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), "listen " + where.text() + ": another program uses that port already");
  service.ours.add(where);  // it was this process's own all the time
  EXPECT_TRUE(service(listening_at(where)));
}

TEST(Service, MayListenOnAnAddressAndOnAnyAtOnce) {
  endpoint where;
  {
    const auto first = open_listening_socket(loopback(), 10);
    ASSERT_TRUE(first);
    where = local_name(first->get());
  }
  service_settings wanted = listening_at(where);
  wanted.listeners.push_back({"", std::to_string(where.port), ""});
  prepared service;
  const auto change = service(wanted);
  ASSERT_TRUE(change) << change.error();
  EXPECT_EQ(change->opened.size(), 2U);
}

service_settings with_server(const std::string& name, const place& where) {
  service_settings wanted;
  wanted.servers.push_back({.name = name, .where = where});
  return wanted;
}

TEST(Service, GoesOnWithoutAServerWhoseNameIsNotKnown) {
  prepared service;
  service_settings wanted = with_server("web", {"late.example", "80", ""});
  wanted.emergency = place{"late.example", "80", ""};
  service.becomes(wanted);
  EXPECT_FALSE(service.is().servers[0].usable);
  EXPECT_FALSE(service.is().emergency) << "nobody would be reached there";
  EXPECT_FALSE(service.is_elsewhere());
  service.book.on(name_book::wanted{{"late.example"}, 30s}, instant(1h));
  service.book.on(name_book::found{"late.example", {*address::parse("192.0.2.2"), *address::parse("192.0.2.1")}},
                  instant(1h));
  EXPECT_TRUE(service.is_elsewhere());
  const auto live = service.is().servers[0].live;
  const auto id = service.is().servers[0].id;
  service.becomes(wanted);
  const server& s = service.is().servers[0];
  EXPECT_TRUE(s.usable);
  EXPECT_EQ(s.address_at(0).text(), "192.0.2.1:80");
  EXPECT_EQ(s.address_at(1).text(), "192.0.2.2:80");
  EXPECT_EQ(std::pair(s.id, s.live), std::pair(id, live)) << "a server is its name";
  EXPECT_TRUE(service.is().emergency);
  EXPECT_FALSE(service.is_elsewhere());
}

TEST(Service, DoesNotListenAtANameThatIsNotKnown) {
  prepared service;
  service_settings wanted;
  wanted.listeners = {{"late.example", "80", ""}};
  const auto refused = service(wanted);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().find("'late.example' is not known yet"), std::string::npos) << refused.error();
}

TEST(Service, KnowsARenamedServerByBothItsIds) {
  prepared service;
  const place where{"127.0.0.1", "9001", ""};
  service.becomes(with_server("a", where));
  const server before = service.is().servers[0];
  service.becomes(with_server("alpha", where));
  const server now = service.is().servers[0];
  EXPECT_EQ(now.live, before.live);
  EXPECT_EQ(service.is().find(before.id), &service.is().servers[0]);
  EXPECT_EQ(service.is().find(now.id), &service.is().servers[0]);
  service.becomes(with_server("omega", where));
  EXPECT_EQ(service.is().servers[0].live, before.live);
  EXPECT_EQ(service.is().find(before.id), &service.is().servers[0]) << "though renamed twice";
}

TEST(Service, MeansItselfByANameThatComesBack) {
  prepared service;
  service.becomes(with_server("a", {"127.0.0.1", "9001", ""}));
  const server_id a = service.is().servers[0].id;
  service_settings wanted = with_server("alpha", {"127.0.0.1", "9001", ""});
  service.becomes(wanted);
  wanted.servers.push_back({.name = "a", .where = {"127.0.0.1", "9002", ""}});
  service.becomes(wanted);
  EXPECT_EQ(service.is().find(a)->name, "a");
}

TEST(Service, TellsThePortsOfAServerApartThatHasNone) {
  prepared service;
  service_settings wanted = with_server("0", {"127.0.0.1", "", ""});
  wanted.listeners = {{"192.0.2.1", "33890", ""}, {"192.0.2.1", "36360", ""}, {"192.0.2.2", "33890", ""}};
  const auto change = service(wanted);
  ASSERT_TRUE(change) << change.error();
  const auto& ports = change->next->servers[0].ports;
  ASSERT_EQ(ports.size(), 2U);
  EXPECT_EQ(ports[0]->port, 33890);
  EXPECT_EQ(ports[1]->port, 36360);
}

}  // namespace

}  // namespace holdfast
