// 2,000 new clients in a second come to the active node when it dies: whoever has got a byte of a reply has a server,
// and must meet it again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/lab/sync/cluster.h"
#include "tests/lab/vrrp/drill.h"

namespace holdfast::lab {
namespace {

constexpr int rate = 2000;  // new clients in a second
constexpr duration load_time = 2s;

struct death {
  const char* name;
  const char* words;
  void (*strike)(cluster&);
};

void PrintTo(const death& d, std::ostream* out) { *out << d.name; }

std::vector<death> deaths() {
  return {{"BalancerKilled", "balancer killed", [](cluster& c) { c.lb(1).balancer().kill(); }},
          {"BothKilled", "both programs killed", [](cluster& c) { c.lb(1).kill_all(); }},
          {"NodeLost", "node lost", [](cluster& c) {
             c.scene().silence(c.lb(1));
             c.lb(1).kill_all();
           }}};
}

struct outcome {
  int asked = 0;   // clients who came
  int served = 0;  // of them, who got at least a byte of a reply
  loyalty later;   // of those
  double per_second = 0;
};

outcome strike_once(const death& d, bool confirm) {
  cluster c({.confirm = confirm, .patient = false});
  c.start();
  const std::vector<address> all = c.strangers(rate * static_cast<int>(load_time / 1s));
  arrivals load(c.scene().crowd(), all, rate);
  pass(load_time / 2);
  const int halfway = load.begun();
  d.strike(c);
  EXPECT_TRUE(c.serves(2)) << c.scene().said();
  const answers before = load.wait();
  const answers after = c.visit(served(before));
  outcome o{.asked = static_cast<int>(before.size()),
            .served = static_cast<int>(served(before).size()),
            .later = compare(before, after),
            .per_second = halfway / std::chrono::duration<double>(load_time / 2).count()};
  EXPECT_GT(o.served, o.asked / 3) << c.scene().said();
  EXPECT_GT(o.per_second, 0.8 * rate) << "the load has not come";
  EXPECT_TRUE(o.later.whole() || !confirm) << strays(before, after) << c.scene().said();
  return o;
}

void strike(const death& d, bool confirm) {
  outcome sum;
  const int times = long_form() ? 10 : 1;
  for (int i = 0; i < times; ++i) {
    const outcome o = strike_once(d, confirm);
    sum.asked += o.asked;
    sum.served += o.served;
    sum.later += o.later;
    sum.per_second += o.per_second / times;
  }
  std::printf(
      "[  figure  ] %.0f new clients/s, %s, %s: %d came, %d got a byte of a reply, %d of them lost their server\n",
      sum.per_second, d.words, confirm ? "sync confirm" : "no sync confirm", sum.asked, sum.served,
      sum.later.clients - sum.later.stayed);
}

class UnderLoad : public ::testing::TestWithParam<death> {};

TEST_P(UnderLoad, NoClientWithAReplyLosesItsServer) { strike(GetParam(), true); }
TEST_P(UnderLoad, ManyKeepTheirServerWithoutConfirmation) { strike(GetParam(), false); }

INSTANTIATE_TEST_SUITE_P(After, UnderLoad, ::testing::ValuesIn(deaths()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace holdfast::lab
