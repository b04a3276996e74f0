// Pen's rules of choosing, one test each. Distributions and what is ours alone: pick_spread_test.
#include "balancer/choice/pick.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

using testing::ElementsAre;

constexpr int emergency = -1, abuse = -2;

// All servers the order gives, as indices.
std::vector<int> all_of(const pool& p, const client_facts& client, instant now = at(0s), std::uint64_t random = 0) {
  order o(p, client, now, random);
  std::vector<int> out;
  while (const auto t = o.next(p, client, now)) {
    out.push_back(t->kind == target_kind::server ? t->index : t->kind == target_kind::emergency ? emergency : abuse);
    if (out.size() > 2 * p.servers.size() + 2) break;  // an order that never ends
  }
  return out;
}

int first_of(const pool& p, const client_facts& client, instant now = at(0s), std::uint64_t random = 0) {
  const auto all = all_of(p, client, now, random);
  return all.empty() ? -3 : all.front();
}

void load(const pool& p, std::vector<std::uint32_t> connections) {
  for (std::size_t i = 0; i < connections.size(); ++i) p.servers[i].live->connections = connections[i];
}

void blacklist(const server& s, instant until) { s.live->blacklisted_until = until.time_since_epoch().count(); }

service_settings with(bool service_settings::* rule) {
  service_settings policy;
  policy.*rule = true;
  return policy;
}

TEST(Pick, GoesRoundRobinFromTheServerAfterTheLastOneUsed) {
  const pool p = made_pool(4);
  // As Pen does, the first client of all goes to the second server.
  for (const int expected : {1, 2, 3, 0, 1}) EXPECT_EQ(first_of(p, made_client(9)), expected);
}

TEST(Pick, MovesTheCursorOnlyByItsFirstChoice) {
  const pool p = made_pool(4);
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(1, 2, 3, 0));
  EXPECT_EQ(first_of(p, made_client(2)), 2);
}

TEST(Pick, SendsARememberedClientToItsServer) {
  const pool p = made_pool(4);
  EXPECT_THAT(all_of(p, made_client(1, 4)), ElementsAre(3, 0, 1, 2));
  EXPECT_EQ(p.live->cursor, 0U);
}

TEST(Pick, ForgetsAServerThatWasRemoved) {
  const pool p = made_pool(4);
  EXPECT_EQ(first_of(p, made_client(1, 77)), 1);
}

TEST(Pick, IgnoresTheMemoryWithRoundrobin) {
  const pool p = made_pool(4, with(&service_settings::roundrobin));
  EXPECT_EQ(first_of(p, made_client(1, 4)), 1);
}

TEST(Pick, SendsClientsOfADeadServerToTheNextInOrder) {
  const pool p = made_pool(4, with(&service_settings::weight));
  load(p, {9, 9, 9, 0});
  blacklist(p.servers[0], at(30s));
  blacklist(p.servers[1], at(30s));
  EXPECT_THAT(all_of(p, made_client(1, 1)), ElementsAre(2, 3)) << "not to the least loaded one: Pen goes by index";
}

TEST(Pick, TakesTheLowestPrioAndTheFirstOfEquals) {
  pool p = made_pool(4, with(&service_settings::prio));
  for (std::size_t i = 0; i < 4; ++i) p.servers[i].prio = std::array{2U, 1U, 1U, 3U}[i];
  for (int i = 0; i < 3; ++i) EXPECT_EQ(first_of(p, made_client(1)), 1);
  blacklist(p.servers[1], at(30s));
  EXPECT_EQ(first_of(p, made_client(1)), 2);
  blacklist(p.servers[2], at(30s));
  EXPECT_EQ(first_of(p, made_client(1)), 0);
}

TEST(Pick, TakesTheFewestConnectionsPerWeight) {
  pool p = made_pool(4, with(&service_settings::weight));
  for (std::size_t i = 0; i < 4; ++i) p.servers[i].weight = std::array{1U, 2U, 1U, 4U}[i];
  std::string went;  // what Pen does with connections that stay open
  for (int i = 0; i < 12; ++i) {
    const int chosen = first_of(p, made_client(1));
    ++p.servers[static_cast<std::size_t>(chosen)].live->connections;
    went += static_cast<char>('A' + chosen);
  }
  EXPECT_EQ(went, "DBACDBDDCDAB") << "Pen says ABCDDBDDABCD: of equals the first";
}

// Smooth: nobody gets all of its turns at once.
TEST(Pick, GivesTurnsByWeightAsSoonAsOneServerHasAWeight) {
  pool p = made_pool(3);
  p.servers[0].weight = 5;
  p.servers[2].weight = 1;
  std::string went;
  for (int i = 0; i < 14; ++i) went += static_cast<char>('A' + first_of(p, made_client(1)));
  EXPECT_EQ(went, "AABACAAAABACAA") << "the one without a weight counts as 1";
}

TEST(Pick, DecidesBetweenEqualsByWeight) {
  for (const auto rule : {&service_settings::prio, &service_settings::least, &service_settings::weight}) {
    pool p = made_pool(2, with(rule));
    p.servers[0].weight = 1;
    p.servers[1].weight = 2;
    int heavier = 0;
    for (int i = 0; i < 90; ++i) heavier += first_of(p, made_client(1));
    EXPECT_EQ(heavier, 60);
  }
}

TEST(Pick, TakesWeightZeroForNothingWhereNobodyHasAnother) {
  pool p = made_pool(3);
  for (auto& s : p.servers) s.weight = 0;
  for (const int expected : {1, 2, 0, 1}) EXPECT_EQ(first_of(p, made_client(1)), expected) << "as Pen writes files";
}

TEST(Pick, GivesNoNewClientToWeightZero) {
  pool p = made_pool(3, with(&service_settings::weight));
  p.servers[1].weight = 1;
  p.servers[0].weight = p.servers[2].weight = 0;
  load(p, {0, 1000, 0});
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(1, 2, 0)) << "but it may stand in";
  blacklist(p.servers[1], at(30s));
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(2, 0)) << "rather than nobody";
  EXPECT_THAT(all_of(p, made_client(1, 2)), ElementsAre(2, 0)) << "for those who were there";
}

TEST(Pick, AsksTheNextRuleWhenNobodyHasAWeight) {
  pool p = made_pool(3, with(&service_settings::weight));
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(1, 2, 0));
  p.servers[2].weight = 5;
  p.servers[2].usable = false;
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(0, 1)) << "a slot without address has no say";
}

TEST(Pick, PutsPrioBeforeWeightBeforeLeastBeforeHash) {
  service_settings policy;
  policy.prio = policy.weight = policy.least = policy.hash = true;
  pool p = made_pool(4, policy);
  for (std::size_t i = 0; i < 4; ++i) p.servers[i].prio = static_cast<std::uint32_t>(9 - i);
  p.servers[0].weight = 0;
  p.servers[2].weight = 10;
  p.servers[1].weight = p.servers[3].weight = 1;
  load(p, {0, 5, 5, 5});
  EXPECT_EQ(first_of(p, made_client(1)), 3);
  p.policy.prio = false;
  EXPECT_EQ(first_of(p, made_client(1)), 2);
  p.policy.weight = false;
  for (auto& s : p.servers) s.weight.reset();
  for (std::uint32_t i = 0; i < 50; ++i) EXPECT_EQ(first_of(p, made_client(i)), 0);
}

TEST(Pick, NeverTriesAServerThatHasNoAddress) {
  pool p = made_pool(3);
  p.servers[1].usable = false;
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(2, 0));
  EXPECT_THAT(all_of(p, made_client(1, 2)), ElementsAre(2, 0));
}

TEST(Pick, NeverTriesABlacklistedServerUntilItsTimeIsOver) {
  const pool p = made_pool(3);
  blacklist(p.servers[1], at(30s));
  EXPECT_THAT(all_of(p, made_client(1, 2), at(30s - 1ns)), ElementsAre(2, 0));
  EXPECT_THAT(all_of(p, made_client(1, 2), at(30s)), ElementsAre(1, 2, 0));
}

TEST(Pick, NeverTriesAServerWhoseAclRefusesTheClient) {
  pool p = made_pool(3);
  p.servers[1].permits = only("10.2.0.1", false);
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(2, 0));
  EXPECT_THAT(all_of(p, made_client(2, 2)), ElementsAre(1, 2, 0));
}

// Pen, observed: hard adds room for those who were here before; it never takes room away.
TEST(Pick, KeepsHardForThoseWhoWereThereBefore) {
  struct row {
    std::uint32_t max, hard, connections;
    bool for_new, for_old;
  };
  for (const row& r :
       {row{0, 0, 1000, true, true}, row{1, 0, 0, true, true}, row{1, 0, 1, false, false}, row{0, 1, 5, true, true},
        row{1, 2, 1, false, true}, row{1, 2, 2, false, false}, row{2, 1, 1, true, true}, row{2, 1, 2, false, false}}) {
    pool p = made_pool(2);
    p.servers[1].max = r.max;
    p.servers[1].hard = r.hard;
    load(p, {0, r.connections});
    EXPECT_EQ(first_of(p, made_client(1)), r.for_new ? 1 : 0) << r.max << ' ' << r.hard << ' ' << r.connections;
    EXPECT_EQ(first_of(p, made_client(1, 2)), r.for_old ? 1 : 0) << r.max << ' ' << r.hard << ' ' << r.connections;
  }
}

TEST(Pick, TriesEachServerOnceAndThenTheEmergencyServerOnce) {
  pool p = made_pool(3);
  p.emergency = made_server("emergency", 9);
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(1, 2, 0, emergency));
  for (const auto& s : p.servers) blacklist(s, at(30s));
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(emergency));
  blacklist(*p.emergency, at(30s));
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(emergency)) << "the last resort is always worth a try";
}

TEST(Pick, TriesOnceAndNoMoreWhenStubborn) {
  pool p = made_pool(3, with(&service_settings::stubborn));
  p.emergency = made_server("emergency", 9);
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(1));
  blacklist(p.servers[2], at(30s));
  EXPECT_THAT(all_of(p, made_client(1, 3)), ElementsAre()) << "its own server or none";
  EXPECT_THAT(all_of(p, made_client(2)), ElementsAre(0)) << "a new client has a choice";
  for (const auto& s : p.servers) blacklist(s, at(30s));
  EXPECT_THAT(all_of(p, made_client(2, 3)), ElementsAre(2)) << "all are as bad";
}

TEST(Pick, SendsRefusedClientsToTheAbuseServerOrNowhere) {
  pool p = made_pool(3);
  p.client_acl = only("10.2.0.1", false);
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre());
  EXPECT_TRUE(order(p, made_client(1), at(0s), 0).refused_by_acl());
  p.emergency = made_server("emergency", 9);
  p.abuse = made_server("abuse", 8);
  EXPECT_THAT(all_of(p, made_client(1, 2)), ElementsAre(abuse)) << "remembered or not";
  EXPECT_THAT(all_of(p, made_client(2)), ElementsAre(1, 2, 0, emergency));
  EXPECT_FALSE(order(p, made_client(2), at(0s), 0).refused_by_acl());
}

TEST(Pick, GivesADrainedServerOnlyToThoseWhoKnowIt) {
  pool p = made_pool(3);
  p.servers[1].drain = true;
  for (std::uint32_t i = 0; i < 6; ++i) EXPECT_THAT(all_of(p, made_client(i)), testing::Not(testing::Contains(1)));
  EXPECT_THAT(all_of(p, made_client(1, 2)), ElementsAre(1, 2, 0));
  EXPECT_THAT(all_of(p, made_client(1, 3)), ElementsAre(2, 0));
}

TEST(Pick, SparesServersThatChecksCallDown) {
  const pool p = made_pool(3);
  p.servers[1].live->up = false;
  EXPECT_THAT(all_of(p, made_client(1, 2)), ElementsAre(2, 0));
}

TEST(Pick, UsesServersThatAreDownOnlyWhenAllAre) {
  pool p = made_pool(3);
  p.servers[1].live->up = p.servers[2].live->up = false;
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(0));
  p.policy.panic = 50;
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(1, 2, 0)) << "or when told to";
  p.policy.panic = 0;
  p.servers[0].live->up = false;
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(2, 0, 1));
  p.emergency = made_server("emergency", 9);
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(emergency)) << "nobody alive, and there is an emergency server";
}

pool checked_pool(std::size_t servers) {
  service_settings policy;
  policy.check.how = check_kind::tcp;
  return made_pool(servers, policy);
}

// Each connect fails, and is marked when the next server has been chosen, as a flow does.
std::string all_failing(const pool& p, const client_facts& client) {
  std::string went;
  order o(p, client, at(0s), 1);
  std::optional<target> last;
  while (const auto to = o.next(p, client, at(0s))) {
    if (last) blacklist(server_of(p, *last), at(30s));
    went += std::to_string(to->index);
    last = to;
  }
  return went;
}

TEST(Pick, NeverTakesTheLastServerAwayForAFailedConnect) {
  const pool p = made_pool(3);
  blacklist(p.servers[0], at(30s));
  blacklist(p.servers[1], at(30s));
  EXPECT_EQ(all_failing(p, made_client(1)), "201") << "first the one that nobody complained of";
  EXPECT_EQ(all_failing(p, made_client(1, 3)), "201") << "now all are as bad";
}

// It is not asked twice: that its mark has run out meanwhile helps this client no more.
TEST(Pick, CountsNobodyAsLeftWhomItHasPassed) {
  const pool p = checked_pool(3);
  const client_facts client = made_client(1, 1);
  order o(p, client, at(0s), 0);
  EXPECT_EQ(o.next(p, client, at(0s))->index, 0);
  blacklist(p.servers[0], at(1s));
  EXPECT_EQ(o.next(p, client, at(0s))->index, 1);
  for (const int i : {1, 2}) blacklist(p.servers[static_cast<std::size_t>(i)], at(30s));
  const auto last = o.next(p, client, at(2s));
  ASSERT_TRUE(last) << "a check speaks for the third";
  EXPECT_EQ(last->index, 2);
  EXPECT_EQ(o.next(p, client, at(2s)), std::nullopt);
}

TEST(Pick, TriesABlacklistedServerWhenChecksCallAllOthersDead) {
  const pool q = checked_pool(2);
  for (const auto& s : q.servers) blacklist(s, at(30s));
  q.servers[0].live->up = false;
  EXPECT_THAT(all_of(q, made_client(1)), ElementsAre(1));
}

TEST(Pick, LeavesABlacklistedServerAloneWhileThereIsAnEmergencyServer) {
  pool p = checked_pool(1);
  p.emergency = made_server("emergency", 9);
  blacklist(p.servers[0], at(30s));
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(emergency));
  p.policy.stubborn = true;
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(0)) << "nobody gets there when stubborn";
}

TEST(Pick, HoldsToTheOperatorsBlacklistingWhateverChecksSay) {
  const pool p = checked_pool(2);
  p.servers[0].live->disable_for(30s, at(0s));
  blacklist(p.servers[1], at(30s));
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre(1)) << "the other one is the last";
  p.servers[1].live->disable_for(30s, at(0s));
  EXPECT_THAT(all_of(p, made_client(1)), ElementsAre());
}

TEST(Pick, HasNothingToGiveWithoutServers) {
  for (const auto rule : {&service_settings::weight, &service_settings::prio, &service_settings::least,
                          &service_settings::hash, &service_settings::stubborn}) {
    EXPECT_THAT(all_of(made_pool(0, with(rule)), made_client(1)), ElementsAre());
  }
}

TEST(Pick, NamesTheServerOfATarget) {
  pool p = made_pool(2);
  p.emergency = made_server("emergency", 9);
  p.abuse = made_server("abuse", 8);
  EXPECT_EQ(server_of(p, {target_kind::server, 1}).name, "web1");
  EXPECT_EQ(server_of(p, {target_kind::emergency, 0}).name, "emergency");
  EXPECT_EQ(server_of(p, {target_kind::abuse, 0}).name, "abuse");
}

}  // namespace
}  // namespace holdfast
