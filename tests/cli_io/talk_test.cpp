// Both daemons at their sockets, one or none of them: whom does a command reach, and what is the answer?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <optional>

#include "cli/language/grammar.h"
#include "cli/talk/talk_io.h"
#include "tests/cli_io/served.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class Talk : public testing::Test {
 protected:
  // `is` is what a daemon answers to everything.
  void run_balancer(const reply& is) { balancer_.emplace(control_limits{}, hears("balancer", is), at_.balancer); }
  void run_agent(const reply& is) { agent_.emplace(control_limits{}, hears("agent", is), at_.agent); }

  result<reply, no_answer> say(std::string_view line) const {
    return ask_along(route_of(parse(line, source::control)->what), at_, line, 10s);
  }

  std::vector<std::string> heard() {
    const std::lock_guard hold(lock_);
    return std::exchange(heard_, {});
  }

  folder folder_;
  sockets at_{folder_.file("balancer.sock"), folder_.file("vrrp.sock")};

 private:
  control_server::handler_type hears(std::string who, reply is) {
    return [this, who, is](const caller&, std::string_view line, const control_server::respond_type& respond) {
      const std::lock_guard hold(lock_);
      heard_.push_back(who + ": " + std::string(line));
      respond(is);
    };
  }

  std::mutex lock_;
  std::vector<std::string> heard_;
  std::optional<served> balancer_, agent_;
};

TEST_F(Talk, TellsTheAgentFirstAndThenTheBalancer) {
  run_balancer({});
  run_agent({});
  ASSERT_TRUE(say("vrrp front priority 5"));
  EXPECT_THAT(heard(), ElementsAre("agent: vrrp front priority 5", "balancer: vrrp front priority 5"));
}

TEST_F(Talk, TellsTheBalancerNothingThatTheAgentRefused) {
  run_balancer({});
  run_agent(refused("no group front"));
  const auto r = say("vrrp front priority 5");
  ASSERT_TRUE(r);
  EXPECT_EQ(r->is, verdict::refused);
  EXPECT_EQ(r->message, "no group front");
  EXPECT_THAT(heard(), ElementsAre("agent: vrrp front priority 5"));
}

TEST_F(Talk, NeedsTheAgentForWhatIsItsOwn) {
  run_balancer({});
  for (const char* line : {"vrrp front priority 5", "vrrp", "events"}) {
    const auto r = say(line);
    ASSERT_FALSE(r) << line;
    EXPECT_TRUE(r.error().absent);
    EXPECT_EQ(r.error().why, "no daemon: " + at_.agent + " does not exist; is holdfast-vrrp running?");
  }
  EXPECT_THAT(heard(), IsEmpty());
}

TEST_F(Talk, ChangesAnAgentWithoutABalancer) {
  run_agent({});
  EXPECT_TRUE(say("vrrp front priority 5"));
  EXPECT_THAT(heard(), ElementsAre("agent: vrrp front priority 5"));
}

TEST_F(Talk, ReloadsAllThatRuns) {
  EXPECT_FALSE(say("reload"));
  run_agent({});
  EXPECT_TRUE(say("reload"));
  EXPECT_THAT(heard(), ElementsAre("agent: reload"));
  run_balancer(refused("line 3"));
  EXPECT_EQ(say("reload")->message, "line 3");
  EXPECT_THAT(heard(), ElementsAre("balancer: reload", "agent: reload"));
}

TEST_F(Talk, AsksTheAgentWhatTheBalancerIsNotThereToSay) {
  run_agent({});
  EXPECT_TRUE(say("status"));
  EXPECT_TRUE(say("show config"));
  EXPECT_THAT(heard(), ElementsAre("agent: status", "agent: show config"));
  EXPECT_FALSE(say("servers"));
  EXPECT_FALSE(say("timeout 5"));
  run_balancer({});
  EXPECT_TRUE(say("status"));
  EXPECT_THAT(heard(), ElementsAre("balancer: status"));
}

TEST_F(Talk, SaysAllToTheOneSocketThatWasNamed) {
  run_balancer({});
  at_.agent.clear();
  EXPECT_TRUE(say("vrrp front priority 5"));
  EXPECT_TRUE(say("events"));
  EXPECT_TRUE(say("reload"));
  EXPECT_THAT(heard(), ElementsAre("balancer: vrrp front priority 5", "balancer: events", "balancer: reload"));
}

TEST_F(Talk, TakesADeafDaemonForOneThatRefuses) {
  run_balancer({});
  const int deaf = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  at_.agent.copy(where.sun_path, sizeof where.sun_path - 1);
  ASSERT_EQ(::bind(deaf, reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
  ASSERT_EQ(::listen(deaf, 1), 0);
  const auto r = ask_along(route_of(parse("reload", source::control)->what), at_, "reload", 100ms);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->is, verdict::refused);
  EXPECT_EQ(r->message, "holdfast-vrrp does not answer (100ms): it hangs, pid " + std::to_string(::getpid()));
  ::close(deaf);
}

}  // namespace

}  // namespace holdfast
