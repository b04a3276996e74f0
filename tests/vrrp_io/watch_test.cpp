// The agent's end of the link against a bare balancer: a door, and messages said by hand.
#include <gmock/gmock.h>
#include <poll.h>

#include "base/local_socket_io.h"
#include "tests/cli_io/served.h"
#include "vrrp/agent/watch_io.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

std::string text_of(const track::event& e) {
  if (const auto* b = std::get_if<beat>(&e)) return "beat " + std::to_string(b->worker);
  if (const auto* c = std::get_if<condition>(&e)) return "servers " + std::to_string(c->servers);
  if (std::holds_alternative<track::attached>(e)) return "attached";
  if (std::holds_alternative<track::ended>(e)) return "ended";
  if (const auto* u = std::get_if<track::unreachable>(&e)) return "unreachable: " + u->why;
  return "?";
}

class watching {
 public:
  watching() {
    agent.on_thread([&] {
      watch_ = std::make_unique<watch>(agent.io, path, [this](const track::event& e) { heard_.push_back(text_of(e)); });
    });
  }
  ~watching() {
    agent.on_thread([&] { watch_.reset(); });
  }

  // What was heard since, as soon as its last is `last` (or 20 seconds have passed).
  std::vector<std::string> heard_until(const std::string& last) {
    for (int ms = 0; ms < 20'000; ++ms) {
      const bool there = agent.on_thread([&] { return !heard_.empty() && heard_.back() == last; });
      if (there) return agent.on_thread([&] { return std::exchange(heard_, {}); });
      poll(nullptr, 0, 1);
    }
    return {"silence"};
  }

  void say(const role_change& r) {
    agent.on_thread([&] { watch_->say(r); });
  }

 private:
  folder folder_;

 public:
  const std::string path = folder_.file(link_socket_name);
  loop_thread agent;

 private:
  std::unique_ptr<watch> watch_;
  std::vector<std::string> heard_;
};

// The first who calls at the path.
descriptor answer_at(const local_door& door) {
  pollfd wake_up{.fd = door.fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&wake_up, 1, 20'000), 1);
  return door.accept();
}

local_door open_at(const std::string& path) { return *local_door::open(path, 0600, std::nullopt); }

void say(const descriptor& to, const link_message& what) {
  EXPECT_EQ(post_packet(to.get(), encode(what)), posted::whole);
}

// The next link_message; a beat when there is none within 20 seconds.
link_message next(const descriptor& from) {
  pollfd ready{.fd = from.get(), .events = POLLIN, .revents = 0};
  packet bytes;
  if (poll(&ready, 1, 20'000) != 1 || take_packet(from.get(), bytes) != taken::whole) return beat{};
  return *decode(bytes);
}

TEST(Watch, TellsWhatTheBalancerSaysInItsOrder) {
  watching w;
  w.heard_until("unreachable: No such file or directory");
  const local_door door = open_at(w.path);
  descriptor balancer = answer_at(door);
  say(balancer, condition{.servers = 4});
  say(balancer, beat{3});
  say(balancer, beat{control_thread});
  auto heard = w.heard_until("beat 256");
  heard.erase(heard.begin(), std::find(heard.begin(), heard.end(), "attached"));
  EXPECT_THAT(heard, ElementsAre("attached", "servers 4", "beat 3", "beat 256"));
  say(balancer, beat{1});
  balancer.reset();  // what was said before the end is heard before it
  EXPECT_THAT(w.heard_until("ended"), ElementsAre("beat 1", "ended"));
}

TEST(Watch, CallsAgainUntilSomebodyAnswers) {
  watching w;
  for (int life = 0; life < 3; ++life) {
    const local_door door = open_at(w.path);
    const descriptor balancer = answer_at(door);
    say(balancer, beat{7});
    EXPECT_EQ(w.heard_until("beat 7").back(), "beat 7");
  }
  EXPECT_EQ(w.heard_until("unreachable: No such file or directory").front(), "ended");
}

TEST(Watch, SaysEveryRoleToEveryBalancer) {
  watching w;
  w.say({.group = "a", .is = role::backup});
  w.say({.group = "b", .is = role::fault});
  w.say({.group = "c", .is = role::gone});
  const local_door door = open_at(w.path);
  descriptor first = answer_at(door);
  EXPECT_EQ(next(first), link_message(role_change{.group = "a", .is = role::backup}));
  EXPECT_EQ(next(first), link_message(role_change{.group = "b", .is = role::fault}));
  w.say({.group = "a", .is = role::active});
  EXPECT_EQ(next(first), link_message(role_change{.group = "a", .is = role::active}));
  w.say({.group = "b", .is = role::gone});
  EXPECT_EQ(next(first), link_message(role_change{.group = "b", .is = role::gone}));
  first.reset();
  const descriptor second = answer_at(door);
  EXPECT_EQ(next(second), link_message(role_change{.group = "a", .is = role::active}));
  w.say({.group = "d", .is = role::initialize});
  EXPECT_EQ(next(second), link_message(role_change{.group = "d", .is = role::initialize}));
}

TEST(Watch, SaysItsLastRoleToABalancerThatDidNotReadForAWhile) {
  watching w;
  const local_door door = open_at(w.path);
  const descriptor balancer = answer_at(door);
  constexpr int many = 20'000;  // more than a socket's buffer holds
  for (int i = 0; i < many; ++i) w.say({.group = "g", .is = role::backup});
  w.say({.group = "g", .is = role::active});
  int heard = 0;
  while (next(balancer) == link_message(role_change{.group = "g", .is = role::backup}) && ++heard < many) {
    pollfd more{.fd = balancer.get(), .events = POLLIN, .revents = 0};
    if (poll(&more, 1, 0) == 0) break;
  }
  EXPECT_LT(heard, many);
  say(balancer, beat{0});  // a sign of life
  EXPECT_EQ(next(balancer), link_message(role_change{.group = "g", .is = role::active}));
}

TEST(Watch, HangsUpOnNonsense) {
  watching w;
  const local_door door = open_at(w.path);
  const std::vector<std::pair<std::vector<std::uint8_t>, std::string>> cases = {
      {{2, 1, 0, 0}, "unreachable: it speaks another version of the language"},
      {{1, 1}, "unreachable: it speaks nonsense"},
      {std::vector<std::uint8_t>(5000, 1), "unreachable: it speaks nonsense"},
      {{1, 3, 1, 'a'}, "unreachable: it speaks nonsense"}};  // what only an agent says
  for (const auto& [bytes, why] : cases) {
    const descriptor balancer = answer_at(door);
    EXPECT_EQ(post_packet(balancer.get(), bytes), posted::whole);
    EXPECT_EQ(w.heard_until(why).back(), why);
  }
  const descriptor sane = answer_at(door);
  say(sane, beat{0});
  EXPECT_EQ(w.heard_until("beat 0").back(), "beat 0");
}

TEST(Watch, TellsABalancerThatTurnsItAwayFromOneThatEnds) {
  watching w;
  const local_door door = open_at(w.path);
  answer_at(door).reset();
  EXPECT_EQ(w.heard_until("unreachable: it hung up without a word").back(), "unreachable: it hung up without a word");
}

// Frozen for as long as it likes: one look reads it all.
TEST(Watch, DrainsEverythingThatHasComeBeforeSomebodyJudges) {
  boost::asio::io_context io;
  const folder f;
  const local_door door = open_at(f.file("s"));
  int beats = 0;
  watch w(io, f.file("s"), [&](const track::event& e) { beats += std::holds_alternative<beat>(e); });
  io.run_one();  // calls
  const descriptor balancer = answer_at(door);
  int sent = 0;
  while (post_packet(balancer.get(), encode(beat{})) == posted::whole) ++sent;
  EXPECT_GT(sent, 100);
  w.drain();
  EXPECT_EQ(beats, sent);
}

}  // namespace

}  // namespace holdfast
