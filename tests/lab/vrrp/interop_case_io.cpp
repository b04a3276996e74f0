#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/clock_io.h"
#include "tests/lab/vrrp/decoder.h"
#include "tests/lab/vrrp/interop_case.h"
#include "tests/lab/vrrp/judge.h"
#include "tests/lab/vrrp/pair.h"

namespace holdfast::lab {
namespace {

using names = std::set<std::string>;

// Room for a machine that is busy with something else.
constexpr duration slack = 300ms;

std::string capital(std::string word) {
  word[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])));
  return word;
}

const char* word_of(scene_of what) {
  switch (what) {
    case scene_of::election: return "Election";
    case scene_of::leave: return "Leave";
    case scene_of::kill: return "Kill";
    case scene_of::preempt: return "Preempt";
    case scene_of::no_preempt: return "NoPreempt";
    case scene_of::equal: return "Equal";
  }
  return "?";
}

class arena {
 public:
  explicit arena(const interop_case& d)
      : interop_case_(d), pair_config_{.version = d.version, .four = !d.six, .six = d.six} {
    pair_config_.interval = d.version == 2 || d.automatic ? duration(1s) : duration(100ms);
    pair_config_.automatic = d.automatic;
    pair_config_.unicast = d.unicast;
    pair_config_.preempt = d.what != scene_of::no_preempt;
    pair_config_.link_local = d.six;
    pair_config_.more = "vrrp front standalone\n";
    if (!d.automatic) pair_config_.more += "vrrp front wire off\n";
    if (d.what == scene_of::equal) pair_config_.priority = {100, 100};
  }

  void play();

 private:
  void start(int number) {
    node& n = scene_.lb(number);
    switch (interop_case_.who.at(static_cast<std::size_t>(number - 1))) {
      case player::ours: return n.start_our_agent(our_text(pair_config_));
      case player::keepalived: return n.start_keepalived(keepalived_text(pair_config_, number));
      case player::frr: return n.start_frr(frr_text(pair_config_, number), pair_config_.vrid);
    }
  }
  const char* virtual_address() const { return interop_case_.six ? virtual6 : virtual4; }
  duration down(int number) const { return pair_config_.down_interval(number); }
  // Adverts are heard, and of late only from this one, which alone has the address.
  void expect_reign(const std::string& name);
  void start_both() {
    start(1);
    start(2);
    expect_reign("lb1");
  }
  void lb1_leaves();
  void lb1_vanishes();
  void lb1_comes_later();
  void both_are_active();
  void expect_well_formed(int number);
  std::string story(instant zero) const { return text_of(heard_.adverts(), zero) + scene_.said(); }

  interop_case interop_case_;
  pair_config pair_config_;
  pair scene_;
  judge heard_{scene_.front()};
};

void arena::expect_reign(const std::string& name) {
  const instant began = monotonic_now();
  const duration quiet = 4 * pair_config_.interval;
  const bool alone = eventually(
      [&] {
        const instant now = monotonic_now();
        const adverts_heard late = between(heard_.adverts(), now - quiet, now);
        return now - began > quiet && actives(late) == names{name} && late.size() >= 3;
      },
      3 * down(2) + 3s);
  EXPECT_TRUE(alone) << "not " << name << " alone:\n" << story(began);
  EXPECT_TRUE(scene_.settles_on(name, virtual_address(), 4s))
      << name << " has not the address alone; it is on " << scene_.holders(virtual_address()).size();
}

void arena::lb1_leaves() {
  const instant asked = monotonic_now();
  scene_.lb(1).agent().ask_to_end();
  expect_reign("lb2");
  const adverts_heard all = heard_.adverts();
  EXPECT_TRUE(said_farewell(all, "lb1")) << story(asked);
  const auto successor = first_of(all, "lb2", asked);
  ASSERT_TRUE(successor) << story(asked);
  EXPECT_LE(successor->when - asked, pair_config_.skew(2) + slack) << story(asked);
}

void arena::lb1_vanishes() {
  const instant killed = monotonic_now();
  scene_.lb(1).agent().kill();
  ASSERT_TRUE(eventually([&] { return first_of(heard_.adverts(), "lb2", killed).has_value(); }, down(2) + 3s))
      << story(killed);
  const adverts_heard all = heard_.adverts();
  instant last = killed;
  for (const advert_heard& a : all)
    if (a.port == "lb1" && !said_farewell({a}, "lb1")) last = a.when;
  const duration silence = first_of(all, "lb2", killed)->when - last;
  EXPECT_LE(silence, down(2) + slack) << story(killed);
  if (interop_case_.who[1] == player::ours) {
    EXPECT_GE(silence, down(2) - 10ms) << "too early by RFC 9568 6.1\n" << story(killed);
  }
}

void arena::lb1_comes_later() {
  start(2);
  expect_reign("lb2");
  start(1);
  if (interop_case_.what == scene_of::preempt) return expect_reign("lb1");
  std::this_thread::sleep_for(down(1) + 2 * pair_config_.interval);
  expect_reign("lb2");
}

// They do not hear each other, but the judge hears both: it sits before the switch's filter.
void arena::both_are_active() {
  scene_.front().drop({"ip protocol 112", "ip6 nexthdr 112"});
  start(1);
  start(2);
  const instant began = monotonic_now();
  ASSERT_TRUE(eventually([&] { return actives(heard_.adverts()) == names{"lb1", "lb2"}; }, down(2) + 3s))
      << story(began);
  scene_.front().drop({});
  const adverts_heard all = heard_.adverts();
  const address one = first_of(all, "lb1", began)->source, two = first_of(all, "lb2", began)->source;
  expect_reign(one > two ? "lb1" : "lb2");
}

void arena::expect_well_formed(int number) {
  const std::filesystem::path file = scene_.files().path() / "heard.pcap";
  heard_.write(file);
  const std::string name = "lb" + std::to_string(number);
  std::set<address> sources;
  for (const advert_heard& a : heard_.adverts())
    if (a.port == name) sources.insert(a.source);
  // keepalived 2.2.7 sets the limit of multicast alone.
  const bool its_own = interop_case_.who.at(static_cast<std::size_t>(number - 1)) == player::keepalived &&
                       interop_case_.six && interop_case_.unicast;
  bool seen = false;
  for (const advert_decoded& a : decode(scene_.crowd(), file)) {
    if (!sources.contains(a.source)) continue;
    seen = true;
    EXPECT_TRUE(a.complete && a.checksum_good) << "tshark finds fault with an advert of " << name;
    EXPECT_EQ(a.hop_limit, its_own ? 64 : 255);
    EXPECT_EQ(a.version, pair_config_.version);
    EXPECT_EQ(a.vrid, pair_config_.vrid);
    EXPECT_THAT(a.priority, ::testing::AnyOf(0, pair_config_.priority.at(static_cast<std::size_t>(number - 1))));
    EXPECT_EQ(a.interval, pair_config_.interval / (pair_config_.version == 2 ? duration(1s) : duration(10ms)));
    EXPECT_EQ(a.addresses.size(), interop_case_.six ? 2U : 1U);
    EXPECT_EQ(a.addresses.back(), at(virtual_address()));
  }
  EXPECT_EQ(seen, !sources.empty()) << "tshark and the judge disagree about " << name;
}

void arena::play() {
  switch (interop_case_.what) {
    case scene_of::election: start_both(); break;
    case scene_of::leave: start_both(), lb1_leaves(); break;
    case scene_of::kill: start_both(), lb1_vanishes(); break;
    case scene_of::preempt:
    case scene_of::no_preempt: lb1_comes_later(); break;
    case scene_of::equal: both_are_active(); break;
  }
  for (const int number : {1, 2}) expect_well_formed(number);
  EXPECT_EQ(heard_.lost(), 0) << "the judge has missed something";
}

}  // namespace

std::string name_of(const interop_case& d) {
  return capital(name_of(d.who[0])) + "Above" + capital(name_of(d.who[1])) + 'V' + std::to_string(d.version) +
         (d.six ? "Ipv6" : "Ipv4") + (d.unicast ? "Unicast" : "Multicast") + (d.automatic ? "Automatic" : "") +
         word_of(d.what);
}

void fight(const interop_case& d) { arena(d).play(); }

}  // namespace holdfast::lab
