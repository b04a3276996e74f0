// Scripts of a connection's life, replayed with every failure at every step in turn.
#include <gtest/gtest.h>

#include <set>

#include "balancer/flow/flow.h"
#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

// Does what a flow orders, without a network, and watches that the orders make sense.
class stage {
 public:
  explicit stage(const service_settings& policy) : pool_(made_pool(3, policy)), flow_(pool_) {
    pool_.emergency = made_server("emergency", 9);
  }

  void tell(const flow::event& e) {
    now_ += 1ms;
    const auto orders = flow_.on(e, now_);
    for (const auto& o : orders) {
      ASSERT_FALSE(closed_ && !std::holds_alternative<flow::moved>(o)) << "an order after the end";
      std::visit([this](const auto& what) { perform(what); }, o);
    }
    ASSERT_EQ(closed_, flow_.state() == flow_state::closed);
    ASSERT_FALSE(closed_ && flow_.deadline());
  }
  void tell_wake() {
    if (const auto due = flow_.deadline()) now_ = std::max(now_, *due);
    tell(wake{});
  }

  // However it stands: the connect under way succeeds, the client speaks, both end.
  void bring_to_end() {
    for (int i = 0; i < 20 && !closed_; ++i) {
      if (flow_.state() == flow_state::peeking) tell(flow::readable{});
      if (flow_.state() == flow_state::connecting) tell(flow::connected{});
      if (flow_.state() == flow_state::relaying) tell(flow::finished{});
    }
    ASSERT_TRUE(closed_);
    ASSERT_EQ(connected_to_, nullptr);
  }

  bool relayed() const { return relayed_; }
  std::size_t tried() const { return tried_.size(); }

 private:
  void perform(const flow::await_bytes&) { ASSERT_EQ(connected_to_, nullptr); }
  void perform(const flow::connect& o) {
    connected_to_ = &server_of(pool_, o.to);  // the former, if any, is abandoned
    ASSERT_TRUE(tried_.insert(connected_to_->name).second) << connected_to_->name << " was tried twice";
    settled_ = false;
  }
  void perform(const flow::mark_failed& o) { ASSERT_EQ(connected_to_, &server_of(pool_, o.which)); }
  void perform(const flow::settle& o) {
    ASSERT_EQ(connected_to_, &server_of(pool_, o.where));
    ASSERT_FALSE(settled_);
    settled_ = true;
  }
  void perform(const flow::relay&) {
    ASSERT_TRUE(settled_);
    relayed_ = true;
  }
  void perform(const flow::close& o) {
    ASSERT_NE(o.why, close_reason::none);
    closed_ = true;
    connected_to_ = nullptr;
  }
  void perform(const flow::moved& o) {
    ASSERT_NE(o.from, o.to);
    ASSERT_EQ(o.to, flow_.state());
  }

  pool pool_;
  flow flow_;
  instant now_ = at(0s);
  const server* connected_to_ = nullptr;
  std::set<std::string> tried_;
  bool settled_ = false, relayed_ = false, closed_ = false;
};

using script = std::vector<flow::event>;

const script failures{flow::refused{},      flow::lost{true},
                      flow::reset{true},    flow::reset{false},
                      flow::finished{},     flow::ordered{close_reason::ordered},
                      flow::connected{},    flow::readable{},
                      flow::active{at(0s)}, wake{}};

script life(bool peeks, int refusals) {
  script s{flow::accepted{made_client(1), 42}};
  if (peeks) s.push_back(flow::readable{});
  for (int i = 0; i < refusals; ++i) s.push_back(flow::refused{});
  s.push_back(flow::connected{});
  s.push_back(flow::active{at(1s)});
  s.push_back(flow::finished{});
  return s;
}

service_settings policy(bool peeks) {
  service_settings p;
  p.peek = peeks;
  p.idle_timeout = 10s;
  return p;
}

TEST(FlowScript, ReachesAServerHoweverManyRefuse) {
  for (int refusals = 0; refusals <= 3; ++refusals) {
    stage s(policy(false));
    for (const auto& fact : life(false, refusals)) s.tell(fact);
    EXPECT_TRUE(s.relayed());
    EXPECT_EQ(s.tried(), static_cast<std::size_t>(refusals) + 1);
  }
}

TEST(FlowScript, SurvivesEveryFailureAtEveryStep) {
  for (const bool peeks : {false, true}) {
    for (int refusals = 0; refusals <= 3; ++refusals) {
      const script whole = life(peeks, refusals);
      for (std::size_t step = 1; step <= whole.size(); ++step) {
        for (const auto& failure : failures) {
          SCOPED_TRACE("step " + std::to_string(step) + " failure " + std::to_string(failure.index()));
          stage s(policy(peeks));
          for (std::size_t i = 0; i < step; ++i) s.tell(whole[i]);
          if (std::holds_alternative<wake>(failure)) s.tell_wake();
          s.tell(failure);
          for (std::size_t i = step; i < whole.size(); ++i) s.tell(whole[i]);
          s.bring_to_end();
          if (testing::Test::HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST(FlowScript, SurvivesTwoFailuresAnywhere) {
  const script whole = life(true, 1);
  for (std::size_t first = 1; first <= whole.size(); ++first) {
    for (std::size_t second = first; second <= whole.size(); ++second) {
      for (const auto& one : failures) {
        for (const auto& two : failures) {
          stage s(policy(true));
          for (std::size_t i = 0; i <= whole.size(); ++i) {
            if (i == first) s.tell(one);
            if (i == second) s.tell(two);
            if (i < whole.size()) s.tell(whole[i]);
          }
          s.bring_to_end();
          if (testing::Test::HasFatalFailure()) return;
        }
      }
    }
  }
}

}  // namespace
}  // namespace holdfast
