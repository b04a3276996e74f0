// The laboratory itself, tried with programs that everybody knows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "base/clock_io.h"
#include "tests/lab/vrrp/interop_case.h"
#include "tests/lab/vrrp/judge.h"
#include "tests/lab/vrrp/pair.h"
#include "tests/lab/vrrp/pair_config.h"
#include "tests/lab/vrrp/pulse.h"

namespace holdfast::lab {
namespace {

double ms(duration d) { return static_cast<double>(d.count()) / 1e6; }

void start_anchor(pair& scene, int number, pair_config w) {
  w.watched = "haproxy-lb" + std::to_string(number);
  scene.lb(number).start_haproxy(haproxy_text());
  scene.lb(number).start_keepalived(keepalived_text(w, number));
}

TEST(Anchors, KeepalivedAndHAProxyMoveTheAddressWhenTheBalancerIsKilled) {
  pair scene;
  const judge heard(scene.front());
  const pair_config w{.six = true};
  for (const int number : {1, 2}) start_anchor(scene, number, w);
  ASSERT_TRUE(scene.settles_on("lb1")) << scene.said();
  ASSERT_TRUE(scene.settles_on("lb1", virtual6)) << scene.said();
  pulse four(scene.crowd(), at(virtual4, 80)), six(scene.crowd(), at(virtual6, 80));
  ASSERT_TRUE(eventually([&] { return four.answered() > 50 && six.answered() > 50; })) << scene.said();
  const instant killed = monotonic_now();
  scene.lb(1).balancer().kill();
  EXPECT_TRUE(scene.settles_on("lb2")) << scene.said();
  EXPECT_TRUE(scene.settles_on("lb2", virtual6)) << scene.said();
  const int before = four.answered();
  EXPECT_TRUE(eventually([&] { return four.answered() > before + 50; }));
  const pulse::report outage = four.stop(), outage6 = six.stop();
  std::printf("[  figure  ] keepalived + HAProxy, balancer killed: v4 %.0f ms, v6 %.0f ms (prober late by %.1f ms)\n",
              ms(outage.longest_gap), ms(outage6.longest_gap), ms(std::max(outage.lateness, outage6.lateness)));
  EXPECT_GT(outage.longest_gap, 3ms);
  EXPECT_LT(outage.longest_gap, 2s);
  const adverts_heard all = of_family(heard.adverts(), false);
  EXPECT_TRUE(said_farewell(all, "lb1")) << text_of(all, killed);
  EXPECT_TRUE(first_of(all, "lb2", killed)) << text_of(all, killed);
  EXPECT_EQ(heard.lost(), 0);
}

// The two strangers must agree before anybody is measured against them.
std::vector<interop_case> strangers() {
  const auto keepalived = player::keepalived, frr = player::frr;
  if (!long_form())
    return {{.who = {keepalived, frr}, .what = scene_of::leave},
            {.who = {frr, keepalived}, .what = scene_of::kill, .six = true},
            {.who = {keepalived, keepalived}, .what = scene_of::preempt, .unicast = true}};
  std::vector<interop_case> all;
  for (const auto& who : {std::array{keepalived, frr}, std::array{frr, keepalived}})
    for (const auto& [version, six] : {std::pair(3, false), std::pair(3, true), std::pair(2, false)})
      for (const scene_of what : every_scene) all.push_back({.who = who, .what = what, .version = version, .six = six});
  return all;
}

class InteropCase : public ::testing::TestWithParam<interop_case> {};

TEST_P(InteropCase, IsOneVirtualRouter) { fight(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Anchors, InteropCase, ::testing::ValuesIn(strangers()),
                         [](const auto& one) { return name_of(one.param); });

}  // namespace
}  // namespace holdfast::lab
