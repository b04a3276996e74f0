#include "vrrp/agent/status.h"

#include <gtest/gtest.h>

#include "tests/vrrp/made_group.h"
#include "tests/vrrp/made_plan.h"

namespace holdfast {
namespace {

// An agent with one active group.
struct shown {
  shown() {
    b.make_active();
    for (const router_plan& r : plan.routers) speech.emplace_back(r.says);
  }

  agent_facts facts() const {
    group_facts g{.plan = plan,
                  .machine = b.machine,
                  .rhythm = rhythm,
                  .others = others,
                  .lease = std::chrono::seconds(3),
                  .overslept = 2,
                  .latest = 30ms,
                  .ports = {}};
    for (std::size_t n = 0; n < plan.routers.size(); ++n) {
      g.ports.push_back({plan.routers[n], speech[n], address::v4(0x0a000001), true, own});
    }
    return {.groups = {g}, .peers = peers, .wire_trouble = trouble, .lost_log_lines = lost};
  }

  static const reply_table& table(const reply& r, const std::string& name) {
    const auto found = std::ranges::find(r.tables, name, &reply_table::name);
    EXPECT_NE(found, r.tables.end()) << name;
    return *found;
  }

  static boost::json::value cell(const reply_table& t, std::size_t row, const std::string& column) {
    const auto found = std::ranges::find(t.columns, column, &column::name);
    EXPECT_NE(found, t.columns.end()) << column;
    return t.rows.at(row).at(static_cast<std::size_t>(found - t.columns.begin()));
  }

  group_plan plan = made_plan();
  bench b;
  tempo rhythm{tempo::parameters{.said = 1s}};
  rivals others;
  std::vector<advert_exchange> speech;
  std::vector<leased_address> own;
  std::vector<wire_status> peers;
  std::string trouble;
  std::uint64_t lost = 0;
};

TEST(Status, ShowsAGroupWithItsRoutersAndAddresses) {
  const shown s;
  const reply r = vrrp_answer(s.facts(), at(s.b.due()));
  EXPECT_EQ(r.pen, "front active\n");
  const reply_table& groups = shown::table(r, "groups");
  EXPECT_EQ(shown::cell(groups, 0, "role"), "active");
  EXPECT_EQ(shown::cell(groups, 0, "rhythm"), "as said");
  EXPECT_EQ(shown::cell(groups, 0, "woke_late"), 2);
  EXPECT_EQ(shown::cell(groups, 0, "latest"), 0.03);
  EXPECT_EQ(shown::table(r, "routers").rows.size(), 3U);
  const reply_table& addresses = shown::table(r, "addresses");
  ASSERT_EQ(addresses.rows.size(), 4U);
  EXPECT_EQ(shown::cell(addresses, 0, "held"), "yes");
  EXPECT_EQ(shown::cell(addresses, 0, "lease"), 3.0);
}

TEST(Status, TellsAddressesOfTheBoxItself) {
  shown s;
  s.own = {{2, s.plan.routers[0].addresses[0].host, 24}};
  const reply told = vrrp_answer(s.facts(), at(s.b.due()));
  const reply_table& addresses = shown::table(told, "addresses");
  std::size_t own = 0;
  for (std::size_t i = 0; i < addresses.rows.size(); ++i) own += shown::cell(addresses, i, "held") == "own";
  EXPECT_EQ(own, 1U);
}

TEST(Status, ShowsConflictsAndLostLinesOnlyIfThereAreAny) {
  shown s;
  const auto names = [&] {
    std::string all;
    for (const reply_table& t : vrrp_answer(s.facts(), at(s.b.due())).tables) all += t.name + ' ';
    return all;
  };
  EXPECT_EQ(names(), "groups routers addresses heard agents refusals ");
  s.others.claim(address::v4(1), {2, 0, 0, 0, 0, 1}, at(0s));
  s.lost = 5;
  EXPECT_EQ(names(), "groups routers addresses heard agents refusals conflicts log ");
}

TEST(Status, ShowsAnAgentBesideEachGroupThatItKnows) {
  shown s;
  s.peers = {{.name = "lb2", .software = "1.0", .since = at(0s), .heard = at(1s), .round_trip = 2ms},
             {.name = "lb3", .trouble = "no answer"}};
  s.b.report(role::backup, 90, s.b.due());
  s.trouble = "no key";
  const reply r = vrrp_answer(s.facts(), at(s.b.due()));
  EXPECT_EQ(r.message, "no key");
  const reply_table& agents = shown::table(r, "agents");
  ASSERT_EQ(agents.rows.size(), 2U);
  EXPECT_EQ(shown::cell(agents, 0, "group"), "front");
  EXPECT_EQ(shown::cell(agents, 0, "priority"), 90);
  EXPECT_EQ(shown::cell(agents, 0, "round_trip"), 0.002);
  EXPECT_EQ(shown::cell(agents, 1, "group"), "");
  EXPECT_TRUE(shown::cell(agents, 1, "connected").is_null());
  EXPECT_EQ(shown::cell(agents, 1, "trouble"), "no answer");
}

TEST(Status, IsASentenceForTheServiceManager) {
  shown s;
  EXPECT_EQ(summary(s.facts()), "front active");
  s.b.tell(group::judged{"eth0", fitness::fault, "eth0 has no carrier"}, s.b.due());
  EXPECT_EQ(summary(s.facts()).substr(0, 6), "front ");
  EXPECT_NE(summary(s.facts()).find(": eth0 has no carrier"), std::string::npos);
  EXPECT_EQ(summary({}), "no groups");
}

TEST(Events, AreTheLatestWithTimesInWords) {
  history past;
  for (int i = 0; i < 3; ++i)
    past.add({.when = {}, .monotonic = i * 1s, .group = "front", .from = {}, .to = {}, .why = std::to_string(i)});
  const reply r = events_answer(past, 2, [](wall_time) { return std::string("noon"); });
  const reply_table& events = shown::table(r, "events");
  ASSERT_EQ(events.rows.size(), 2U);
  EXPECT_EQ(shown::cell(events, 0, "why"), "1");
  EXPECT_EQ(shown::cell(events, 1, "time"), "noon");
  EXPECT_EQ(shown::cell(events, 1, "monotonic"), 2.0);
}

}  // namespace
}  // namespace holdfast
