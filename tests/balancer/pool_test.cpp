#include "balancer/choice/pool.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

TEST(Pool, FindsServersByIdInAnyOrder) {
  pool p = made_pool(3);
  p.servers[0].id = 30;
  p.servers[1].id = 10;
  p.servers[2].id = 20;
  p.index();
  EXPECT_EQ(p.find(10), &p.servers[1]);
  EXPECT_EQ(p.find(20), &p.servers[2]);
  EXPECT_EQ(p.find(30), &p.servers[0]);
  for (const server_id unknown : {0U, 15U, 31U}) EXPECT_EQ(p.find(unknown), nullptr);
  EXPECT_EQ(pool().find(1), nullptr);
}

TEST(Pool, FindsAServerByTheIdOfWhatItWasBefore) {
  pool p = made_pool(2);
  p.index({{7, "web1"}, {8, "nobody"}});
  EXPECT_EQ(p.find(7), &p.servers[1]);
  EXPECT_EQ(p.find(2), &p.servers[1]);
  EXPECT_EQ(p.find(8), nullptr);
}

TEST(Server, HasOnePlaceForEachAddressOfItsName) {
  server one = made_server("web", 1);
  EXPECT_EQ(one.addresses(), 1U);
  one.others = {{.host = address::v4(0x0a000199), .port = 80, .path = ""}};
  ASSERT_EQ(one.addresses(), 2U);
  EXPECT_EQ(one.address_at(0), one.where);
  EXPECT_EQ(one.address_at(1), one.others[0]);
}

TEST(Server, CountsFailuresOfAPortApart) {
  server one = made_server("web", 1);
  EXPECT_EQ(&one.reach(80), one.live.get());
  for (const std::uint16_t port : {389, 636}) one.ports.push_back(std::make_shared<port_live>(port));
  EXPECT_EQ(&one.reach(389), one.ports[0].get());
  EXPECT_EQ(&one.reach(636), one.ports[1].get());
  for (const std::uint16_t unknown : {1, 500, 700}) EXPECT_EQ(&one.reach(unknown), one.live.get());
}

TEST(Pool, PanicsWhenNobodyIsAlive) {
  const pool p = made_pool(4);
  for (std::size_t i = 0; i < 3; ++i) {
    p.servers[i].live->up = false;
    EXPECT_FALSE(p.panic(at(0s)));
  }
  p.servers[3].live->up = false;
  EXPECT_TRUE(p.panic(at(0s)));
}

TEST(Pool, PanicsWhenFewerAreAliveThanWasSaid) {
  service_settings half;
  half.panic = 50;
  const pool p = made_pool(4, half);
  EXPECT_FALSE(p.panic(at(0s)));
  p.servers[0].live->up = false;
  p.servers[1].live->up = false;
  EXPECT_FALSE(p.panic(at(0s)));
  p.servers[2].live->up = false;
  EXPECT_TRUE(p.panic(at(0s)));
  p.servers[3].live->up = false;
  EXPECT_TRUE(p.panic(at(0s)));
}

TEST(Pool, LeavesServersWithoutAddressOutOfTheCount) {
  pool p = made_pool(3);
  p.servers[0].usable = p.servers[1].usable = false;
  EXPECT_FALSE(p.panic(at(0s)));
  p.servers[2].live->up = false;
  EXPECT_TRUE(p.panic(at(0s)));
  EXPECT_FALSE(made_pool(0).panic(at(0s)));
}

// One drained, one down: whoever is new has nobody else.
TEST(Pool, CountsOnlyServersThatTakeNewClients) {
  pool p = made_pool(2);
  p.servers[1].live->up = false;
  EXPECT_FALSE(p.panic(at(0s)));
  p.servers[0].drain = true;
  EXPECT_TRUE(p.panic(at(0s)));
  p.servers[0].drain = false;
  p.servers[0].live->disable_for(10s, at(0s));
  EXPECT_TRUE(p.panic(at(9s)));
  EXPECT_FALSE(p.panic(at(10s)));
}

TEST(Pool, DoesNotPanicForWhatClientsConnectsHaveMet) {
  const pool p = made_pool(3);
  for (const server& s : p.servers) s.live->blacklisted_until = at(30s).time_since_epoch().count();
  EXPECT_FALSE(p.panic(at(0s)));
}

TEST(Pool, PanicsWithAnEmergencyServerWhenStubborn) {
  pool p = made_pool(1);
  p.emergency = made_server("emergency", 9);
  p.policy.stubborn = true;  // nobody goes to the emergency server then
  p.servers[0].live->up = false;
  EXPECT_TRUE(p.panic(at(0s)));
}

TEST(ServerLive, IsSetAsideAndTakenBackByTheOperatorAlone) {
  server_live live;
  live.disable_for(10s, at(0s));
  EXPECT_TRUE(live.is_disabled_for_now(at(9s)));
  EXPECT_FALSE(live.is_disabled_for_now(at(10s)));
  live.blacklisted_until = at(30s).time_since_epoch().count();
  live.disable_for(0s, at(1s));
  EXPECT_FALSE(live.is_disabled_for_now(at(1s)));
  EXPECT_FALSE(live.is_blacklisted(at(1s)));
}

TEST(ServerLive, IsTriedByOneAloneWhenItsTimeIsOver) {
  server_live live;
  live.try_alone(3s, at(0s));
  EXPECT_FALSE(live.is_blacklisted(at(0s))) << "nothing was wrong";
  live.blacklisted_until = at(30s).time_since_epoch().count();
  live.try_alone(3s, at(29s));
  EXPECT_FALSE(live.is_blacklisted(at(31s))) << "its time was not over";
  live.try_alone(3s, at(31s));
  EXPECT_TRUE(live.is_blacklisted(at(33s)));
  EXPECT_FALSE(live.is_blacklisted(at(34s)));
}

TEST(ServerLive, IsSilentWhenSeveralConnectsWaitForLong) {
  server_live live;
  for (int i = 0; i < 3; ++i) live.connect_begins(at(0s));
  EXPECT_FALSE(live.is_silent(at(10s))) << "few may be slow";
  live.connect_begins(at(1s));
  EXPECT_FALSE(live.is_silent(at(249ms)));
  EXPECT_TRUE(live.is_silent(at(250ms)));
  live.connect_ends(true);
  for (int i = 0; i < 4; ++i) live.connect_begins(at(2s));
  EXPECT_FALSE(live.is_silent(at(2s + 249ms))) << "it has answered since";
  for (int i = 0; i < 4; ++i) live.connect_ends(false);
  EXPECT_FALSE(live.is_silent(at(9s))) << "hardly anybody waits";
}

std::int64_t count(instant when) { return when.time_since_epoch().count(); }

TEST(ServerLive, EndsTheBlacklistingThatWasSeenAndNoLaterOne) {
  server_live live;
  EXPECT_FALSE(live.end_blacklisting(0, at(0s)));
  live.blacklisted_until = count(at(30s));
  EXPECT_FALSE(live.end_blacklisting(count(at(29s)), at(0s)));
  EXPECT_TRUE(live.is_blacklisted(at(1s)));
  EXPECT_TRUE(live.end_blacklisting(count(at(30s)), at(1s)));
  EXPECT_FALSE(live.is_blacklisted(at(1s)));
}

TEST(ServerLive, HasReturnedWhenABlacklistingEndsOrRunsOut) {
  server_live live;
  EXPECT_EQ(live.returned(at(0s)), std::nullopt);
  live.blacklisted_until = count(at(30s));
  EXPECT_EQ(live.returned(at(29s)), std::nullopt) << "it is away";
  EXPECT_EQ(live.returned(at(31s)), at(30s)) << "it ran out, and nobody has come yet";
  EXPECT_TRUE(live.end_blacklisting(count(at(30s)), at(35s)));
  EXPECT_EQ(live.returned(at(36s)), at(30s)) << "the first client does not make it return again";
  live.blacklisted_until = count(at(60s));
  EXPECT_TRUE(live.end_blacklisting(count(at(60s)), at(40s)));
  EXPECT_EQ(live.returned(at(41s)), at(40s)) << "before its time";
}

TEST(ServerLive, HasReturnedWhenTheOperatorTakesItBack) {
  server_live live;
  live.disable_for(10s, at(0s));
  EXPECT_EQ(live.returned(at(11s)), at(10s));
  live.disable_for(10s, at(20s));
  live.disable_for(0s, at(22s));
  EXPECT_EQ(live.returned(at(23s)), at(22s));
  live.disable_for(0s, at(40s));
  EXPECT_EQ(live.returned(at(41s)), at(22s)) << "it was not away";
}

TEST(Pool, NotesWhichServersAreEnabledAgain) {
  pool former = made_pool(3);
  former.servers[0].drain = former.servers[1].drain = true;
  pool next = former;
  next.servers[0].drain = false;
  next.servers.push_back(made_server("new", 4));
  next.index();
  next.note_enabled(former, at(5s));
  EXPECT_EQ(next.servers[0].live->returned(at(6s)), at(5s));
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(next.servers[i].live->returned(at(6s)), std::nullopt);
}

TEST(Pool, TrustsTheEmergencyServerWhenNobodyIsAlive) {
  pool p = made_pool(3);
  p.policy.panic = 50;
  p.emergency = made_server("emergency", 9);
  p.servers[0].live->up = p.servers[1].live->up = false;
  EXPECT_TRUE(p.panic(at(0s)));
  p.servers[2].live->up = false;
  EXPECT_FALSE(p.panic(at(0s)));
}

TEST(Pool, CutsClientsToTheirIdentity) {
  pool p = made_pool(1);
  const address four = *address::parse("192.0.2.77"), six = *address::parse("2001:db8:1:2:3::4");
  EXPECT_EQ(p.key_of(four), four);
  EXPECT_EQ(p.key_of(six), six);
  p.policy.client_prefix4 = 24;
  p.policy.client_prefix6 = 64;
  EXPECT_EQ(p.key_of(four).text(), "192.0.2.0");
  EXPECT_EQ(p.key_of(six).text(), "2001:db8:1:2::");
}

TEST(Pool, HashesHostsSoThatPortsDoNotMatter) {
  const auto at_port = [](const std::string& port) {
    return host_hashes({{.name = "0", .where = {"10.0.0.1", port, ""}},
                        {.name = "1", .where = {"10.0.0.2", port, ""}},
                        {.name = "2", .where = {"10.0.0.1", port, ""}},
                        {.name = "3", .where = {"", "", "/run/x"}}});
  };
  const auto plain = at_port("80");
  EXPECT_EQ(plain, at_port("443"));
  EXPECT_EQ(std::set(plain.begin(), plain.end()).size(), 4U) << "those of one host are told apart";
  EXPECT_EQ(plain[0], identity_hash("10.0.0.1"));
  EXPECT_EQ(plain[2], identity_hash("10.0.0.1 2")) << "by their order";
  EXPECT_EQ(host_hashes({{.name = "web", .where = {"10.0.0.2", "", ""}}})[0], plain[1]) << "whatever they are called";
}

// These values decide who goes where on every node, so they never change.
TEST(IdentityHash, IsTheSameForever) {
  EXPECT_EQ(identity_hash(""), 17280346270528514342U);
  EXPECT_EQ(identity_hash("web1"), 10698296457888045158U);
  EXPECT_EQ(identity_hash("10.0.1.11:80"), 14010214101656848741U);
}

TEST(IdentityHash, TellsShortNamesApart) {
  std::set<std::uint64_t> low, high;
  for (int i = 0; i < 1000; ++i) {
    low.insert(identity_hash(std::to_string(i)) & 0xffffffff);
    high.insert(identity_hash(std::to_string(i)) >> 32);
  }
  EXPECT_EQ(low.size(), 1000U);
  EXPECT_EQ(high.size(), 1000U);
}

}  // namespace
}  // namespace holdfast
