#include "balancer/show/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "balancer/show/refusals.h"
#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

using testing::HasSubstr;
using testing::Not;

const process_facts process{.pid = 7, .uptime = 90s, .node = {}, .workers = 2};

TEST(Answers, GiveServersInPensWords) {
  pool p = made_pool(2);
  p.servers[1].max = 10;
  p.servers[1].live->connections = 3;
  p.servers[1].live->sent = 17;
  const pool* pools[] = {&p};
  const reply answer = servers_answer(pools, at(0s));
  EXPECT_EQ(answer.pen,
            "web0 addr 10.0.1.1 port 80 conn 0 max 0 hard 0 weight 0 prio 0 sx 0 rx 0\n"
            "web1 addr 10.0.1.2 port 80 conn 3 max 10 hard 0 weight 0 prio 0 sx 17 rx 0\n");
  ASSERT_EQ(answer.tables.size(), 1U);
  for (const auto& row : answer.tables[0].rows) EXPECT_EQ(row.size(), answer.tables[0].columns.size());
}

TEST(Answers, GiveALineForEachOfPensSlots) {
  pool p = made_pool(3);
  p.servers[0].name = "1";
  p.servers[0].usable = false;
  p.servers[0].host = "0.0.0.0";
  p.servers[0].where = {};
  p.servers[1].name = "3";
  p.servers[1].where = {.host = {}, .port = 0, .path = "/run/x"};
  p.servers[2].name = "4";
  p.servers[2].usable = false;
  p.servers[2].where = {};
  const pool* pools[] = {&p};
  const std::string none = "addr (unknown address family 0 port 0 conn 0 max 0 hard 0 weight 0 prio 0 sx 0 rx 0\n";
  EXPECT_EQ(servers_answer(pools, at(0s)).pen,
            "0 " + none + "1 addr 0.0.0.0 port 0 conn 0 max 0 hard 0 weight 0 prio 0 sx 0 rx 0\n2 " + none +
                "3 addr /run/x port 1 conn 0 max 0 hard 0 weight 0 prio 0 sx 0 rx 0\n4 " + none);
  EXPECT_EQ(servers_answer(pools, at(0s)).tables[0].rows.size(), 3U) << "a gap is nothing but Pen's";
}

TEST(Answers, NameTheWorstOfAServersStates) {
  server s = made_server("web", 1);
  EXPECT_EQ(state_of(s, at(0s)), "up");
  s.drain = true;
  EXPECT_EQ(state_of(s, at(0s)), "drain");
  s.live->up = false;
  EXPECT_EQ(state_of(s, at(0s)), "down");
  s.live->blacklisted_until = at(30s).time_since_epoch().count();
  EXPECT_EQ(state_of(s, at(0s)), "blacklisted");
  EXPECT_EQ(state_of(s, at(30s)), "down");
  s.usable = false;
  EXPECT_EQ(state_of(s, at(0s)), "no_address");
}

TEST(Answers, SayWhatIsWrongWithAServer) {
  server s = made_server("web", 1);
  EXPECT_EQ(why_not(s, at(0s)), "");
  s.live->trouble = "10.0.1.1:80: Connection refused";
  EXPECT_EQ(why_not(s, at(0s)), "") << "that was before";
  s.live->up = false;
  EXPECT_EQ(why_not(s, at(0s)), "10.0.1.1:80: Connection refused");
  s.live->disable_for(30s, at(0s));
  EXPECT_EQ(why_not(s, at(0s)), "by hand, 10.0.1.1:80: Connection refused");
  for (const std::uint16_t port : {389, 636}) s.ports.push_back(std::make_shared<port_live>(port));
  s.live->disable_for(0s, at(0s));
  s.ports[1]->blacklisted_until = at(30s).time_since_epoch().count();
  s.ports[1]->trouble = "10.0.1.1:636: Connection refused";
  EXPECT_EQ(why_not(s, at(0s)), "10.0.1.1:636: Connection refused") << "of all its ports";
}

TEST(Answers, TellAgentsHowManyServersAreAlive) {
  pool p = made_pool(5), other = made_pool(1);
  p.servers[0].drain = true;  // serves those who know it
  p.servers[1].live->up = false;
  p.servers[2].live->blacklisted_until = at(30s).time_since_epoch().count();
  p.servers[3].usable = false;  // a slot without an address
  const pool* pools[] = {&p, &other};
  EXPECT_EQ(condition_of(pools, at(0s)).servers, 5U);
  EXPECT_EQ(condition_of(pools, at(0s)).servers_alive, 3U);
  EXPECT_EQ(condition_of(pools, at(30s)).servers_alive, 4U);
}

TEST(Answers, TellAgentsWhenTheServersWereLookedAt) {
  service_settings checked;
  checked.check.how = check_kind::tcp;
  pool p = made_pool(2, checked), unchecked = made_pool(1);
  const pool* pools[] = {&p, &unchecked};
  const auto stamp = [](duration when) { return at(when).time_since_epoch().count(); };
  const auto ms = [](duration when) { return static_cast<std::uint64_t>(at(when).time_since_epoch() / 1ms); };
  EXPECT_EQ(look_of(pools, at(0s)), std::nullopt) << "not yet";
  p.servers[0].live->well_at = stamp(5s);
  p.servers[1].live->well_at = stamp(6s);
  p.servers[0].live->ill_at = stamp(3s);
  EXPECT_EQ(look_of(pools, at(9s)), (look{true, ms(6s)})) << "the latest that is good";
  p.servers[1].live->up = false;
  p.servers[1].live->ill_at = stamp(8s);
  EXPECT_EQ(look_of(pools, at(9s)), (look{true, ms(5s)})) << "of those alive";
  p.servers[0].live->up = false;
  EXPECT_EQ(look_of(pool_list(pools, 1), at(9s)), (look{false, ms(3s)}))
      << "since when all have been looked at in vain";
  EXPECT_EQ(look_of(pool_list(pools + 1, 1), at(9s)), std::nullopt) << "nobody looks";
}

TEST(Answers, SumUpInOneSentence) {
  pool p = made_pool(3), other = made_pool(0);
  p.servers[1].live->up = false;
  const pool* pools[] = {&p, &other};
  EXPECT_EQ(summary(pools, 17, at(0s)), "2 services, 2 of 3 servers alive, 17 connections");
  EXPECT_EQ(summary(pool_list(pools, 1), 1, at(0s)), "1 service, 2 of 3 servers alive, 1 connection");
  EXPECT_EQ(summary({}, 0, at(0s)), "0 services, 0 of 0 servers alive, 0 connections");
  EXPECT_EQ(summary({}, 0, at(0s), "no key"), "0 services, 0 of 0 servers alive, 0 connections; sync off: no key");
}

TEST(Answers, ShowRolesOnlyWhenAnAgentIsAttached) {
  const pool p = made_pool(1);
  const pool* pools[] = {&p};
  EXPECT_EQ(status_answer(pools, process, at(0s)).tables.size(), 2U);
  process_facts attached = process;
  attached.vrrp = {{.group = "front", .is = role::active}};
  const reply answer = status_answer(pools, attached, at(0s));
  ASSERT_EQ(answer.tables.size(), 3U);
  EXPECT_EQ(answer.tables[2].name, "vrrp");
  EXPECT_EQ(answer.tables[2].rows, (std::vector<std::vector<boost::json::value>>{{"front", "active"}}));
  attached.vrrp->clear();
  EXPECT_EQ(status_answer(pools, attached, at(0s)).tables.size(), 3U);
}

TEST(Answers, ListClientsWithTheirServer) {
  const pool p = made_pool(2);
  p.clients->settle(made_client(1).from, 2, wall_at(0s));
  p.clients->settle(made_client(2).from, 1, wall_at(10s));
  const pool* pools[] = {&p};
  EXPECT_EQ(clients_answer(pools, wall_at(5s), 10, wall_at(20s)).pen, "10.2.0.2 connects 1 sx 0 rx 0\n");
  EXPECT_EQ(client_answer(pools, made_client(1).from, wall_at(20s)).pen, "10.2.0.1 server web1\n");
}

TEST(Answers, GivePenEveryRecentClientAndPeopleAsManyAsFit) {
  const pool p = made_pool(1);
  for (std::uint32_t i = 0; i < 1500; ++i) p.clients->settle(made_client(i).from, 1, wall_at(10s));
  const pool* pools[] = {&p};
  const reply answer = recent_answer(pools, wall_at(0s), 1000, wall_at(20s));
  EXPECT_EQ(std::count(answer.pen.begin(), answer.pen.end(), '\n'), 1500);
  EXPECT_EQ(answer.tables.at(0).rows.size(), 1000U);
  const reply fewer = clients_answer(pools, wall_at(0s), 1000, wall_at(20s));
  EXPECT_EQ(std::count(fewer.pen.begin(), fewer.pen.end(), '\n'), 1000);
}

TEST(Answers, RefuseAClientThatNobodyKnows) {
  const pool p = made_pool(1);
  const pool* pools[] = {&p};
  const reply answer = client_answer(pools, made_client(1).from, wall_at(0s));
  EXPECT_EQ(answer.is, verdict::refused);
  EXPECT_EQ(answer.message, "no service knows the client 10.2.0.1");
}

TEST(Answers, CountServersThatAreUp) {
  const pool p = made_pool(3);
  p.servers[0].live->up = false;
  const pool* pools[] = {&p};
  const reply answer = status_answer(pools, process, at(0s));
  ASSERT_EQ(answer.tables.size(), 2U);
  for (const auto& table : answer.tables) {
    for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.columns.size());
  }
  EXPECT_EQ(answer.tables[1].rows.at(0).at(10), 2);
  EXPECT_EQ(answer.tables[1].rows.at(0).at(11), 3U);
}

TEST(Answers, SayFirstWhatKeepsClientsOut) {
  pool p = made_pool(2), other = made_pool(1);
  p.policy.name = "web";
  other.policy.name = "db";
  p.policy.conn_max = 50;
  p.live->connections = 49;
  const pool* pools[] = {&p, &other};
  EXPECT_EQ(status_answer(pools, process, at(0s)).message, "");
  p.live->connections = 50;
  other.servers[0].live->up = false;
  process_facts alone = process;
  alone.sync_off = "no key";
  EXPECT_EQ(status_answer(pools, alone, at(0s)).message,
            "PROBLEM  sync off: no key\n"
            "PROBLEM  web: full: all 50 connections are taken, new clients wait\n"
            "PROBLEM  db: no server is up, of 1");
}

TEST(Answers, ShowWhatAServiceRefuses) {
  pool p = made_pool(3);
  p.servers[0].live->up = p.servers[2].live->up = false;
  p.servers[1].live->up = false;
  for (const auto& [word, counter] : refusal_counters) (*p.live).*counter = 7;
  const pool* pools[] = {&p};
  const reply_table services = status_answer(pools, process, at(0s)).tables.at(1);
  const auto cell = [&](std::string_view name) {
    const auto named = [&](const column& c) { return c.name == name; };
    const auto found = std::find_if(services.columns.begin(), services.columns.end(), named);
    return found == services.columns.end() ? nullptr
                                           : services.rows.at(0).at(std::size_t(found - services.columns.begin()));
  };
  for (const auto& [word, counter] : refusal_counters) EXPECT_EQ(cell(word), 7U) << word;
  EXPECT_EQ(cell("panic"), true);
}

TEST(Answers, ShowHowManyClientsATableForgets) {
  pool p = made_pool(1);
  p.clients = std::make_shared<client_table>(2, 1);
  p.clients->know(1, 7);
  for (std::uint32_t i = 0; i < 5; ++i) p.clients->settle(address::v4(i), 1, wall_at(0s));
  p.clients->settle(address::v4(9), 1, wall_at(2h));
  const pool* pools[] = {&p};
  const reply_table services = status_answer(pools, process, at(0s)).tables.at(1);
  const std::size_t last = services.columns.size() - 1;
  EXPECT_EQ(services.columns[last - 1].name, "forgotten");
  EXPECT_EQ(services.rows.at(0).at(last - 1), 4U);
  EXPECT_EQ(services.columns[last].name, "forgotten_recent");
  EXPECT_EQ(services.rows.at(0).at(last), 3U);
}

}  // namespace
}  // namespace holdfast
