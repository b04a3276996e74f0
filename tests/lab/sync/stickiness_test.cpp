// Whatever befalls the active node, every client finds its server again: through the other node, and through the first
// when it is back. The short form strikes once, the long form ten times; the table is at the end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "tests/lab/sync/cluster.h"
#include "tests/lab/vrrp/drill.h"

namespace holdfast::lab {
namespace {

constexpr int crowd = 500;  // half of them IPv4, half IPv6

struct fault {
  const char* name;
  const char* words;
  int keeper;              // who serves afterwards
  duration median, worst;  // the bar of what clients feel; five times the worst fails
  void (*strike)(cluster&);
  void (*restore)(cluster&);  // after it lb1 serves again
};

void PrintTo(const fault& b, std::ostream* out) { *out << b.name; }

void start_balancer(cluster& c) { c.lb(1).start_our_balancer(c.file()); }
void start_agent(cluster& c) { c.lb(1).start_our_agent(c.file()); }
void start_both(cluster& c) { c.start(1); }

void lose_node(cluster& c) {
  c.scene().silence(c.lb(1));
  c.lb(1).kill_all();
}

void return_node(cluster& c) {
  pass(4s);  // the lease of the addresses ends
  c.scene().unsilence();
  c.start(1);
}

void lose_sync_then_node(cluster& c) {
  c.scene().sync().cut(c.lb(1).machine());
  pass(2s);
  lose_node(c);
}

void return_sync_and_node(cluster& c) {
  c.scene().sync().heal(c.lb(1).machine());
  return_node(c);
}

void part_then_heal(cluster& c) {
  c.scene().silence(c.lb(1));
  pass(2s);
  c.scene().unsilence();
  pass(1s);  // what its checks learn of that time may cost it the role once more
}

void switch_over(cluster& c) { c.tell(1, "cluster switchover"); }
void switch_back(cluster& c) { c.tell(2, "cluster switchover"); }

// There and back again. Of its own probes one may be under way in the moment of each move: that is reset.
void rehearse(cluster& c) {
  const std::string told = c.tell(1, "cluster drill --json");
  for (const char* wanted : {R"("step":"failover")", R"("step":"failback")", R"("service":"192.0.2.80:)"})
    EXPECT_THAT(told, ::testing::HasSubstr(wanted));
  EXPECT_THAT(told, ::testing::ContainsRegex(R"("failed":[012],)"));
}

// The standby first, then the other, each as its package would do it.
void upgrade(cluster& c) {
  c.stop(2);
  c.start(2);
  c.tell(2, "cluster wait-synced");
  c.tell(1, "cluster switchover");
  c.stop(1);
}

std::vector<fault> faults() {
  return {
      {"BalancerKilled", "balancer killed", 2, 20ms, 60ms, [](cluster& c) { c.lb(1).balancer().kill(); },
       start_balancer},
      {"AgentKilled", "agent killed", 2, 20ms, 60ms, [](cluster& c) { c.lb(1).agent().kill(); }, start_agent},
      {"BothKilled", "both programs killed", 2, 40ms, 100ms, [](cluster& c) { c.lb(1).kill_all(); }, start_both},
      {"NodeLost", "node lost", 2, 200ms, 200ms, lose_node, return_node},
      {"BalancerHung", "balancer hung (SIGSTOP)", 2, 180ms, 180ms, [](cluster& c) { c.lb(1).balancer().freeze(); },
       [](cluster& c) { c.lb(1).balancer().thaw(); }},
      {"FrontLinkDown", "front link down", 2, 40ms, 100ms, [](cluster& c) { c.scene().front().cut(c.lb(1).machine()); },
       [](cluster& c) { c.scene().front().heal(c.lb(1).machine()); }},
      {"SyncLinkDownThenNodeLost", "sync link down, 2 s later node lost", 2, 200ms, 200ms, lose_sync_then_node,
       return_sync_and_node},
      {"Parted", "both networks parted for 2 s, then healed", 1, 1s, 1s, part_then_heal, [](cluster&) {}},
      {"OrderlyStop", "orderly stop of both programs", 2, 10ms, 30ms, [](cluster& c) { c.stop(1); }, start_both},
      {"Switchover", "switchover", 2, 10ms, 30ms, switch_over, switch_back},
      {"Drill", "drill", 1, 10ms, 30ms, rehearse, [](cluster&) {}},
      {"Upgrade", "upgrade of both nodes", 2, 10ms, 30ms, upgrade, start_both},
  };
}

struct outcome {
  loyalty meanwhile;  // those who came while it happened, and were answered
  loyalty after;      // through the keeper
  loyalty back;       // through lb1 again, and with those who came to the keeper first
  watch::report felt;
  int lost = 0;  // questions without an answer, of those who came meanwhile
};

std::vector<address> every_other(const std::vector<address>& all) {
  std::vector<address> half;
  for (std::size_t i = 0; i < all.size(); i += 4) half.insert(half.end(), {all[i], all[i + 1]});  // of both families
  return half;
}

// Figures of all faults, for the table at the end.
struct row {
  std::string words;
  duration median_bar{}, worst_bar{};
  std::vector<outcome> all;
};

class Stickiness : public ::testing::TestWithParam<fault> {
 public:
  static void TearDownTestSuite();

 protected:
  static std::vector<row>& table() {
    static std::vector<row> rows;
    return rows;
  }
};

outcome strike_once(const fault& b) {
  cluster c({.patient = false});
  c.start();
  const std::vector<address> all = c.strangers(crowd);
  answers before = c.visit(all);
  EXPECT_EQ(served(before).size(), all.size()) << c.scene().said();
  outcome o;
  {
    watch felt(c.scene().crowd());
    arrivals meanwhile(c.scene().crowd(), every_other(all), crowd / 2);
    pass(100ms);
    b.strike(c);
    EXPECT_TRUE(c.serves(b.keeper)) << c.scene().said();
    answers during = meanwhile.wait();
    pass(500ms);
    o.felt = felt.end();
    const std::size_t asked = during.size();
    const std::vector<address> lucky = served(during);
    o.lost = static_cast<int>(asked - lucky.size());
    std::erase_if(during, [](const auto& one) { return one.second.starts_with('('); });
    o.meanwhile = compare(during, before);
  }
  const answers after = c.visit(all);
  o.after = compare(before, after);
  EXPECT_TRUE(o.after.whole()) << strays(before, after) << c.scene().said();
  before.merge(c.visit(c.strangers(100)));
  b.restore(c);
  EXPECT_TRUE(c.serves(1, 30s)) << c.scene().said();
  EXPECT_TRUE(c.synced()) << c.scene().said();
  std::vector<address> everybody;
  for (const auto& [client, answer] : before) everybody.push_back(client);
  const answers back = c.visit(everybody);
  o.back = compare(before, back);
  EXPECT_TRUE(o.back.whole()) << strays(before, back) << c.scene().said();
  EXPECT_EQ(o.meanwhile.stayed, o.meanwhile.clients) << c.scene().said();
  EXPECT_LT(o.felt.outage, 5 * b.worst) << c.scene().said();
  return o;
}

void Stickiness::TearDownTestSuite() {
  std::printf("[  figure  ] %-42s %9s %9s %9s %16s %12s %6s\n", "event", "meanwhile", "after", "back", "outage, ms",
              "bar, ms", "lost");
  for (const row& r : table()) {
    loyalty meanwhile, after, back;
    std::vector<duration> outages;
    int lost = 0;
    for (const outcome& o : r.all) {
      meanwhile += o.meanwhile;
      after += o.after;
      back += o.back;
      lost += o.lost;
      if (o.felt.lateness <= 10ms) outages.push_back(o.felt.outage);  // a late prober measures itself
    }
    std::sort(outages.begin(), outages.end());
    const duration median = outages.empty() ? 0s : outages[outages.size() / 2];
    const duration worst = outages.empty() ? 0s : outages.back();
    const bool held = !outages.empty() && median <= r.median_bar && worst <= r.worst_bar;
    std::printf("[  figure  ] %-42s %7.2f %% %7.2f %% %7.2f %% %7.0f / %6.0f %5.0f / %4.0f %6d %s", r.words.c_str(),
                meanwhile.percent(), after.percent(), back.percent(), milliseconds(median), milliseconds(worst),
                milliseconds(r.median_bar), milliseconds(r.worst_bar), lost, held ? "held" : "missed");
    if (outages.size() < r.all.size())
      std::printf(" (%zu of %zu outages not counted: the prober was late)", r.all.size() - outages.size(),
                  r.all.size());
    std::printf("\n");
  }
}

TEST_P(Stickiness, IsKeptByEveryClient) {
  row r{GetParam().words, GetParam().median, GetParam().worst, {}};
  for (int i = 0; i < (long_form() ? 10 : 1); ++i) r.all.push_back(strike_once(GetParam()));
  table().push_back(std::move(r));
}

TEST(Drill, IsRefusedWhileTheOtherNodeIsAway) {
  cluster c;
  c.start(1);
  ASSERT_TRUE(c.serves(1)) << c.scene().said();
  const auto told = c.ctl(1, "cluster drill");
  EXPECT_EQ(told.status, 1);
  EXPECT_THAT(told.text, ::testing::HasSubstr("no other node is a backup of group front"));
  EXPECT_TRUE(c.serves(1));
}

INSTANTIATE_TEST_SUITE_P(After, Stickiness, ::testing::ValuesIn(faults()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace holdfast::lab
