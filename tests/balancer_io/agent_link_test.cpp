// A real farm of workers and the link, on a thread of its own, met over a real socket.
#include <grp.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <filesystem>
#include <set>
#include <thread>

#include "balancer/daemon/agent_link_io.h"
#include "balancer/farm/farm_io.h"
#include "base/clock_io.h"
#include "tests/balancer_io/bare_agent.h"
#include "tests/balancer_io/peer.h"
#include "tests/cli_io/served.h"
#include "vrrp/agent/watch_io.h"

namespace holdfast {

namespace {

class linked {
 public:
  explicit linked(unsigned workers = 3) {
    l_.on_thread([&] {
      link = std::make_unique<agent_link>(
          l_.io, [this] { return now; }, [this](int socket) { return farm_->beat_on(socket); },
          [this] { return looked; });
      farm_ = std::make_unique<farm>(l_.io, workers, [this] { link->changed(); });
      now.workers = static_cast<std::uint16_t>(workers);
      const auto open = link->listen(path);
      EXPECT_TRUE(open) << open.error();
    });
  }
  ~linked() { end(); }

  void end() {
    l_.on_thread([&] {
      farm_.reset();
      link.reset();
    });
  }

  template <class F>
  auto on_thread(F f) {
    return l_.on_thread(std::move(f));
  }

  void change(const std::function<void(condition&)>& how) {
    on_thread([&] {
      how(now);
      link->changed();
    });
  }

  std::vector<role_change> roles() {
    return on_thread([&] { return link->roles().value_or(std::vector<role_change>{{.group = "no agent", .is = {}}}); });
  }

 private:
  folder folder_;
  loop_thread l_;
  std::unique_ptr<farm> farm_;

 public:
  const std::string path = folder_.file(link_socket_name);
  condition now;  // on_thread() only
  std::optional<look> looked;
  std::unique_ptr<agent_link> link;
};

const std::vector<role_change> nobody{{.group = "no agent", .is = {}}};

TEST(AgentLink, CarriesTheBeatsOfEveryWorkerAndTheControlThread) {
  linked b(5);
  bare_agent first(b.path), second(b.path);
  for (int round = 0; round < 3; ++round) {
    for (const std::uint16_t who : {0, 1, 2, 3, 4, int{control_thread}}) {
      EXPECT_TRUE(first.hears_beat_of(who));
      EXPECT_TRUE(second.hears_beat_of(who));
    }
  }
}

TEST(AgentLink, SaysItsConditionFirstOnEveryChangeAndAgain) {
  linked b;
  bare_agent a(b.path);
  EXPECT_EQ(a.hear_of<condition>([](const condition&) { return true; }).value().workers, 3);
  b.change([](condition& c) { c.servers = 7; });
  EXPECT_TRUE(a.hear_of<condition>([](const condition& c) { return c.servers == 7; }));
  EXPECT_TRUE(a.hear_of<condition>([](const condition& c) { return c.servers == 7; }))
      << "again, though it is the same";
  b.on_thread([&] { b.now.servers = 8; });  // nobody says that it changed: a blacklisting ended, say
  EXPECT_TRUE(a.hear_of<condition>([](const condition& c) { return c.servers == 8; }));
}

TEST(AgentLink, SaysAfterAConditionWhenTheServersWereLookedAt) {
  linked b;
  b.on_thread([&] { b.looked = {.alive = true, .at = 77}; });
  bare_agent a(b.path);
  EXPECT_EQ(a.hear_of<look>([](const look&) { return true; }), (look{.alive = true, .at = 77}));
}

// 2,000 changes: far more than there are ticks while they last. The agent hears few of them, and the last one.
TEST(AgentLink, SpeaksSeldomOfServersThatComeAndGo) {
  linked b;
  bare_agent a(b.path);
  b.change([](condition& c) { c.servers = c.servers_alive = 2; });
  EXPECT_TRUE(a.hear_of<condition>([](const condition& c) { return c.servers_alive == 2; }));
  for (int i = 0; i < 1000; ++i) {
    b.on_thread([&] {
      b.now.servers_alive = 0;
      b.link->tell();
      b.now.servers_alive = 1;
      b.link->tell();
    });
  }
  b.on_thread([&] {
    b.now.servers_alive = 0;
    b.link->tell();
    b.now.listeners = 1;
    b.link->tell();  // this is told at once, with all that is so
  });
  std::size_t conditions = 0;
  EXPECT_TRUE(a.hear_of<condition>([&](const condition& c) {
    ++conditions;
    return c.listeners == 1 && c.servers_alive == 0;
  }));
  EXPECT_LE(conditions, 100U);
  b.change([](condition& c) { c.servers_alive = 1; });
  EXPECT_TRUE(a.hear_of<condition>([](const condition& c) { return c.servers_alive == 1; }));
  b.change([](condition& c) { c.servers_alive = 0; });
  EXPECT_TRUE(a.hear_of<condition>([](const condition& c) { return c.servers_alive == 0; })) << "though not at once";
}

TEST(AgentLink, TellsAtOnceThatItStops) {
  linked b;
  bare_agent a(b.path);
  EXPECT_TRUE(a.hears_beat_of(0));
  b.on_thread([&] {
    b.now.stopping = true;
    b.link->tell();
    b.link->stop();  // nothing else runs between
  });
  EXPECT_TRUE(a.hear_of<condition>([](const condition& c) { return c.stopping; }));
  EXPECT_TRUE(a.hears_the_end());
}

TEST(AgentLink, EndsWithTheBalancer) {
  linked b;
  bare_agent a(b.path);
  EXPECT_TRUE(a.hears_beat_of(2));
  b.end();
  EXPECT_TRUE(a.hears_the_end());
  EXPECT_FALSE(std::filesystem::exists(b.path));
}

TEST(AgentLink, KeepsTheRolesOfEveryAgentWhileItIsThere) {
  linked b;
  EXPECT_EQ(b.roles(), nobody);
  bare_agent a(b.path), other(b.path);
  a.say(role_change{.group = "front", .is = role::backup});
  a.say(role_change{.group = "back", .is = role::fault});
  EXPECT_TRUE(eventually([&] { return b.roles().size() == 2; }));
  EXPECT_FALSE(b.on_thread([&] { return b.link->holds_addresses(); }));
  other.say(role_change{.group = "front", .is = role::active});
  EXPECT_TRUE(eventually([&] { return b.roles().size() == 3; }));
  EXPECT_TRUE(b.on_thread([&] { return b.link->holds_addresses(); }));
  a.say(role_change{.group = "back", .is = role::gone});
  EXPECT_TRUE(eventually([&] { return b.roles().size() == 2; }));
  other.hang_up();
  EXPECT_TRUE(eventually([&] { return b.roles() == std::vector{role_change{.group = "front", .is = role::backup}}; }));
  a.hang_up();
  EXPECT_TRUE(eventually([&] { return b.roles() == nobody; }));
}

TEST(AgentLink, HangsUpOnAnAgentThatTalksNonsense) {
  linked b;
  bare_agent good(b.path);
  const std::array<std::uint8_t, 3> nonsense{1, 9, 0};
  const std::array<std::uint8_t, 500> much{};
  for (const std::span<const std::uint8_t> said :
       {std::span<const std::uint8_t>(nonsense), std::span<const std::uint8_t>(much)}) {
    bare_agent bad(b.path);
    EXPECT_TRUE(bad.hears_beat_of(0));
    bad.say_bytes(said);
    EXPECT_TRUE(bad.hears_the_end()) << "the workers' copies of the socket, too";
  }
  bare_agent confused(b.path);
  confused.say(beat{});
  EXPECT_TRUE(confused.hears_the_end());
  EXPECT_TRUE(good.hears_beat_of(0));
}

TEST(AgentLink, HearsOfNoMoreGroupsThanThereCanBe) {
  linked b;
  bare_agent a(b.path);
  for (std::size_t i = 0; i < max_vrrp_groups; ++i) {
    EXPECT_EQ(a.say(role_change{.group = "g" + std::to_string(i), .is = role::backup}), posted::whole);
  }
  EXPECT_TRUE(eventually([&] { return b.roles().size() == max_vrrp_groups; }));
  a.say(role_change{.group = "one-more", .is = role::backup});
  EXPECT_TRUE(a.hears_the_end());
}

TEST(AgentLink, HangsUpOnAFifthAgentAndHasRoomAgainWhenOneLeaves) {
  linked b;
  std::vector<bare_agent> agents;
  for (int i = 0; i < 4; ++i) {
    agents.emplace_back(b.path);
    EXPECT_TRUE(agents.back().hears_beat_of(1));
  }
  EXPECT_FALSE(bare_agent(b.path).hear());
  agents.front().hang_up();
  EXPECT_TRUE(eventually([&] { return bare_agent(b.path).hear().has_value(); }));
  for (std::size_t i = 1; i < agents.size(); ++i) EXPECT_TRUE(agents[i].hears_beat_of(1));
}

TEST(AgentLink, SurvivesAgentsThatComeAndGo) {
  linked b;
  for (int i = 0; i < 200; ++i) {
    auto fd = call_local(b.path);  // the queue may be full
    if (fd) bare_agent(std::move(*fd)).say(role_change{.group = "g", .is = role::active});
  }
  EXPECT_TRUE(eventually([&] {
    auto fd = call_local(b.path);
    return fd && bare_agent(std::move(*fd)).hear();
  }));
  EXPECT_TRUE(eventually([&] { return b.roles() == nobody; }));
  bare_agent a(b.path);
  for (const std::uint16_t who : {0, 1, 2, int{control_thread}}) EXPECT_TRUE(a.hears_beat_of(who));
}

// Root calls as nobody; the system call itself changes this thread alone. Others can't and call as themselves: let in.
TEST(AgentLink, LetsInOnlyThoseWhoMayChangeThings) {
  linked b;
  ASSERT_EQ(chmod(b.path.c_str(), 0666), 0);
  bool heard = true;
  std::thread stranger([&] {
    if (geteuid() == 0) {
      ASSERT_EQ(syscall(SYS_setgroups, 0, nullptr), 0);
      ASSERT_EQ(syscall(SYS_setresgid, 65534, 65534, 65534), 0);
      ASSERT_EQ(syscall(SYS_setresuid, 65534, 65534, 65534), 0);
    }
    heard = bare_agent(b.path).hear().has_value();
  });
  stranger.join();
  EXPECT_EQ(heard, geteuid() != 0);
  EXPECT_TRUE(bare_agent(b.path).hear());
}

// Both ends of the link, as the two programs hold them.
TEST(AgentLink, LetsAnAgentJudgeABalancerFromItsBirthToItsEnd) {
  auto b = std::make_unique<linked>(4);
  b->change([](condition& c) { c.listeners = 1; });
  loop_thread agent;
  track judge({.patience = 10s});
  std::vector<std::string> said;
  std::unique_ptr<watch> w;
  agent.on_thread([&] {
    w = std::make_unique<watch>(agent.io, b->path, [&](const track::event& e) {
      for (const auto& order : judge.on(e, monotonic_now())) said.push_back(std::get<track::judged>(order).why);
    });
    w->say({.group = "front", .is = role::active});
  });
  const auto why = [&] { return agent.on_thread([&] { return judge.verdict().why; }); };
  EXPECT_TRUE(eventually([&] { return why() == "balancer healthy"; })) << why();
  EXPECT_TRUE(eventually([&] { return b->roles() == std::vector{role_change{.group = "front", .is = role::active}}; }));
  b->change([](condition& c) { c.listeners = 0; });
  EXPECT_TRUE(eventually([&] { return why() == "balancer has no listener"; })) << why();
  b.reset();
  EXPECT_TRUE(eventually([&] { return why().starts_with("balancer not reachable: "); })) << why();
  agent.on_thread([&] { w.reset(); });
  EXPECT_NE(std::find(said.begin(), said.end(), "balancer ended"), said.end());
}

TEST(AgentLink, ListensAgainWhenItsFileHasGone) {
  linked b(1);
  const auto look = [&] { return b.on_thread([&] { return b.link->look_after(); }); };
  EXPECT_FALSE(*look()) << "nothing has happened";
  std::filesystem::remove(b.path);
  EXPECT_FALSE(call_local(b.path));
  EXPECT_TRUE(*look());
  EXPECT_TRUE(call_local(b.path));
}

}  // namespace

}  // namespace holdfast
