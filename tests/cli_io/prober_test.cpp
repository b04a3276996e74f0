#include <gtest/gtest.h>

#include "cli/procedures/prober_io.h"
#include "tests/cli_io/served.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;

const auto anybody = [](const address&) { return true; };
const endpoint any_port{address::v4(0x7f000001), 0, {}};

place place_of(const endpoint& at) { return {at.host.text(), std::to_string(at.port), {}}; }

TEST(Prober, SeesNoGapWhereThereIsNone) {
  served target;
  const auto at = target.on_thread([&] { return target.server->listen_tcp(any_port, anybody); });
  ASSERT_TRUE(at);
  prober p(place_of(*at));
  while (!p.reached()) std::this_thread::sleep_for(1ms);
  const auto report = p.stop();
  EXPECT_GE(report.tries, 1U);
  EXPECT_EQ(report.failed, 0U);
}

TEST(Prober, MeasuresHowLongNobodyCould) {
  served target;
  const auto at = target.on_thread([&] { return target.server->listen_tcp(any_port, anybody); });
  ASSERT_TRUE(at);
  prober p(place_of(*at));
  while (!p.reached()) std::this_thread::sleep_for(1ms);
  target.on_thread([&] { target.server->stop_tcp(); });
  std::this_thread::sleep_for(200ms);
  ASSERT_TRUE(target.on_thread([&] { return target.server->listen_tcp(*at, anybody); }));
  std::this_thread::sleep_for(200ms);
  const auto report = p.stop();
  EXPECT_GT(report.failed, 10U);
  EXPECT_GE(report.longest_gap, 195ms);
}

TEST(Prober, CountsTheGapAtTheEnd) {
  served target;
  const auto at = target.on_thread([&] { return target.server->listen_tcp(any_port, anybody); });
  ASSERT_TRUE(at);
  prober p(place_of(*at));
  while (!p.reached()) std::this_thread::sleep_for(1ms);
  target.on_thread([&] { target.server->stop_tcp(); });
  std::this_thread::sleep_for(200ms);
  EXPECT_GE(p.stop().longest_gap, 190ms);
}

TEST(Prober, ReachesNobodyWhereNobodyIs) {
  prober nowhere(std::nullopt), closed(place{"127.0.0.1", "1", {}}), nameless(place{"no.such.invalid", "1", {}});
  std::this_thread::sleep_for(50ms);
  EXPECT_FALSE(nowhere.reached() || closed.reached() || nameless.reached());
  EXPECT_EQ(nowhere.stop().tries, 0U);
  EXPECT_GT(closed.stop().failed, 0U);
}

}  // namespace

}  // namespace holdfast
