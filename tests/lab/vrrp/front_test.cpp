// A front network that has a carrier and does not forward; a MAC that changes; a stranger with our id.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/lab/vrrp/drill.h"
#include "tests/lab/vrrp/pair.h"
#include "tests/lab/vrrp/pair_config.h"
#include "tests/lab/vrrp/pulse.h"

namespace holdfast::lab {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using names = std::vector<std::string>;

std::filesystem::path key_of(const pair& scene) {
  const auto key =
      scene.files().write("cluster.key", "d3b07384d113edec49eaa6238ad5ff00c157a79031e1c40f85931829bc5fc552\n");
  std::filesystem::permissions(key, std::filesystem::perms(0600));
  return key;
}

void say_figure(const std::string& what, const pulse::report& r) {
  std::printf("[  figure  ] %s: gap %.0f ms, the prober late by %.0f ms\n", what.c_str(), milliseconds(r.longest_gap),
              milliseconds(r.lateness));
}

void expect_no_gap(pair_config w, const names& blocked) {
  pair scene;
  w.services = our_services();
  w.key = key_of(scene);
  const std::string text = our_text(w);
  scene.lb(2).start_ours(text);
  ASSERT_TRUE(scene.settles_on("lb2")) << scene.said();
  scene.front().drop(blocked);
  pulse client(scene.crowd(), at(virtual4, 80), 10ms);
  ASSERT_TRUE(eventually([&] { return client.answered() > 20; })) << scene.said();
  scene.lb(1).start_ours(text);
  pass(8s);
  EXPECT_THAT(scene.holders(virtual4), ElementsAre("lb2")) << scene.said();
  scene.unsilence();
  EXPECT_TRUE(scene.settles_on("lb1")) << scene.said();
  pass(1s);
  const pulse::report r = client.stop();
  say_figure("a preferred node behind a port that forwards after 8 s", r);
  EXPECT_LT(r.longest_gap, 100ms + r.lateness) << scene.said();
}

const names both_ways = {"iifname lb1", "oifname lb1"};

struct late_port {
  std::string name;
  pair_config w;
  names blocked = both_ways;
};

std::vector<late_port> late_ports() {
  std::vector<late_port> all = {{"ByDefault", {.automatic = true}},
                                {"OneWayWithPeersAtFiftyMilliseconds", {.unicast = true}, {"iifname lb1"}}};
  if (!long_form()) return all;
  all.push_back({"AtFiftyMilliseconds", {}});
  all.push_back({"AtOneSecond", {.interval = 1s}});
  all.push_back({"WithPeersAtFiftyMilliseconds", {.unicast = true}});
  all.push_back({"WithPeersByDefault", {.automatic = true, .unicast = true}});
  all.push_back({"OneWayAtFiftyMilliseconds", {}, {"iifname lb1"}});
  return all;
}

class LatePort : public ::testing::TestWithParam<late_port> {};

TEST_P(LatePort, OfAPreferredNodeMakesNoGap) { expect_no_gap(GetParam().w, GetParam().blocked); }

INSTANTIATE_TEST_SUITE_P(Front, LatePort, ::testing::ValuesIn(late_ports()),
                         [](const auto& one) { return one.param.name; });

// The crowd is watched: it always answers.
void expect_moves_when(const std::string& what, const names& blocked) {
  pair scene;
  const std::string text =
      our_text({.services = our_services(), .more = "vrrp front watch 192.0.2.2\n", .key = key_of(scene)});
  for (const int number : {1, 2}) scene.lb(number).start_ours(text);
  ASSERT_TRUE(scene.settles_on("lb1")) << scene.said();
  pulse client(scene.crowd(), at(virtual4, 80), 10ms);
  ASSERT_TRUE(eventually([&] { return client.answered() > 20; })) << scene.said();
  scene.front().drop(blocked);
  pass(3s);
  EXPECT_THAT(scene.holders(virtual4), ElementsAre("lb2")) << scene.said();
  scene.unsilence();
  EXPECT_TRUE(scene.settles_on("lb1")) << scene.said();
  const pulse::report r = client.stop();
  say_figure(what, r);
  EXPECT_LT(r.longest_gap, 2500ms + r.lateness) << scene.said();
}

TEST(Front, OfAnActiveNodeThatIsDeafIsGivenUp) { expect_moves_when("the active node is deaf", {"oifname lb1"}); }
TEST(Front, OfAnActiveNodeThatIsMuteIsGivenUp) { expect_moves_when("the active node is mute", {"iifname lb1"}); }
TEST(Front, OfAnActiveNodeThatIsBothIsGivenUp) { expect_moves_when("the active node is deaf and mute", both_ways); }

TEST(Front, OfAnotherMacIsAnnounced) {
  pair scene;
  const std::string text = our_text({.services = our_services(), .key = key_of(scene)});
  scene.lb(1).start_ours(text);
  ASSERT_TRUE(scene.settles_on("lb1")) << scene.said();
  pulse client(scene.crowd(), at(virtual4, 80), 10ms);
  ASSERT_TRUE(eventually([&] { return client.answered() > 20; })) << scene.said();
  scene.lb(1).machine().must({"ip", "link", "set", "eth0", "address", "02:00:00:00:77:01"});
  pass(3s);
  const pulse::report r = client.stop();
  say_figure("the interface has another MAC", r);
  EXPECT_LT(r.longest_gap, 500ms + r.lateness) << scene.said();
}

TEST(Front, OfAStrangerMovesNobodyThoughItSaysTwoHundredAndFiftyFive) {
  drill d(player::ours, {.six = true});
  d.strike();
  d.send_from_stranger({forged_advert(d.wanted().vrid, 255, d.wanted().interval)}, 100);
  pass(3s);
  const drill::outcome o = d.end();
  EXPECT_THAT(o.holders4, ElementsAre("lb1")) << d.story();
  EXPECT_LT(o.outage, 100ms + o.lateness) << d.story();
  EXPECT_THAT(d.scene().said(), HasSubstr("adverts=refused from=192.0.2.99 cause=stranger why=\"192.0.2.99 on eth0 is "
                                          "no node of ours"));
  EXPECT_THAT(d.scene().said(), Not(HasSubstr("note=")));
}

}  // namespace
}  // namespace holdfast::lab
