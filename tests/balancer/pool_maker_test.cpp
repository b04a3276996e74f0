#include "balancer/farm/pool_maker.h"

#include <gtest/gtest.h>

#include "balancer/names/name_book.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;

// The servers of a service, which nobody is sent to.
class made_servers {
 public:
  result<pool_maker::outcome, std::string> operator()(const service_settings& wanted) {
    return made_.make(wanted, {acls, names_});
  }

  void becomes(const service_settings& wanted) {
    const auto change = (*this)(wanted);
    ASSERT_TRUE(change) << change.error();
    made_.adopt(*change, wanted);
  }
  const pool& is() const { return *made_.current(); }
  bool is_elsewhere() const { return made_.is_elsewhere(names_); }
  std::vector<table_file_head::server> kept() const { return made_.kept(); }

  acl_table acls;
  name_book book;

 private:
  resolver names_{book};
  pool_maker made_{1, {}};
};

service_settings with_server(const std::string& name, const place& where) {
  service_settings wanted;
  wanted.servers.push_back({.name = name, .where = where});
  return wanted;
}

TEST(PoolMaker, HasAsManyConnectionsAsTheDescriptorsAllowWhereNothingIsSaid) {
  made_servers service;
  service_settings wanted = fresh_service("web");
  EXPECT_EQ(service(wanted)->next->policy.conn_max, max_connections) << "what the means say";
  wanted.conn_max = 7;
  EXPECT_EQ(service(wanted)->next->policy.conn_max, 7U);
}

TEST(PoolMaker, CompilesAnAclOnceForAllItsServers) {
  made_servers service;
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

TEST(PoolMaker, GoesOnWithoutAServerWhoseNameIsNotKnown) {
  made_servers service;
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

TEST(PoolMaker, SendsNobodyToAnEmptySlot) {
  made_servers service;
  for (const place& where : {place{}, place{"0.0.0.0", "0", ""}, place{"10.0.0.1", "0", ""}}) {
    service.becomes(with_server("0", where));
    EXPECT_FALSE(service.is().servers[0].usable) << where.host;
    EXPECT_FALSE(service.is_elsewhere()) << where.host;
  }
  service.becomes(with_server("0", {"10.0.0.1", "80", ""}));
  EXPECT_TRUE(service.is().servers[0].usable);
  EXPECT_EQ(service.is().servers[0].host_hash, identity_hash("10.0.0.1"));
}

TEST(PoolMaker, KnowsARenamedServerByBothItsIds) {
  made_servers service;
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

TEST(PoolMaker, MeansItselfByANameThatComesBack) {
  made_servers service;
  service.becomes(with_server("a", {"127.0.0.1", "9001", ""}));
  const server_id a = service.is().servers[0].id;
  service_settings wanted = with_server("alpha", {"127.0.0.1", "9001", ""});
  service.becomes(wanted);
  wanted.servers.push_back({.name = "a", .where = {"127.0.0.1", "9002", ""}});
  service.becomes(wanted);
  EXPECT_EQ(service.is().find(a)->name, "a");
}

TEST(PoolMaker, TellsThePortsOfAServerApartThatHasNone) {
  made_servers service;
  service_settings wanted = with_server("0", {"127.0.0.1", "", ""});
  wanted.listeners = {{"192.0.2.1", "33890", ""}, {"192.0.2.1", "36360", ""}, {"192.0.2.2", "33890", ""}};
  const auto change = service(wanted);
  ASSERT_TRUE(change) << change.error();
  const auto& ports = change->next->servers[0].ports;
  ASSERT_EQ(ports.size(), 2U);
  EXPECT_EQ(ports[0]->port, 33890);
  EXPECT_EQ(ports[1]->port, 36360);
}

TEST(PortsOf, AreThoseOfListenersEachOnce) {
  service_settings said;
  said.listeners = {{"vip", "443", ""}, {"", "80", ""}, {"192.0.2.1", "80", ""}, {"", "", "/run/x"}};
  EXPECT_EQ(ports_of(said, resolver()), (std::vector<std::uint16_t>{80, 443}));
}

TEST(PoolMaker, SaysAllThatIsWrong) {
  made_servers service;
  service_settings wanted = with_server("a", {"127.0.0.1", "no-such-port", ""});
  wanted.servers.push_back({.name = "b", .where = {"127.0.0.1", "nor-this", ""}});
  const auto refused = service(wanted);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(),
            "server a: expected a port number or service name, not 'no-such-port'\n"
            "server b: expected a port number or service name, not 'nor-this'");
}

TEST(PoolMaker, ChangesNothingUntilItIsTheTruth) {
  made_servers service;
  service.becomes(with_server("a", {"127.0.0.1", "9001", ""}));
  const pool* before = &service.is();
  EXPECT_TRUE(service(with_server("b", {"127.0.0.1", "9002", ""})));
  EXPECT_EQ(&service.is(), before);
}

TEST(PoolMaker, KeepsTheIdsOfARenamedServerUnderItsNewName) {
  made_servers service;
  service.becomes(with_server("a", {"127.0.0.1", "9001", ""}));
  service.becomes(with_server("alpha", {"127.0.0.1", "9001", ""}));
  std::string all;
  for (const auto& s : service.kept()) all += s.identity + ' ';
  EXPECT_EQ(all, "alpha alpha ") << "a table on disk may speak of both ids";
}

}  // namespace

}  // namespace holdfast
