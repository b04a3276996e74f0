// A group of two routers at one second, told things at times since its start.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "vrrp/election/group.h"

namespace holdfast {

using namespace std::chrono_literals;

inline const address peer = address::v4(0x0a000009);

inline constexpr duration skew = duration(1s) * 156 / 256;  // of priority 100 at one second

inline instant at(duration since) { return instant(1h + since); }

struct bench {
  explicit bench(group::parameters p = {})
      : machine([&] {
          p.node = "lb1";
          if (p.routers.empty()) p.routers = {address::v4(0x0a000001), address::v4(0x0a000002)};
          return p;
        }()) {}

  group::effects tell(const group::event& e, duration when) { return last = machine.on(e, at(when)); }
  void start() { tell(group::started{}, 0s); }
  void hear(std::uint8_t priority, duration when, std::size_t router = 0) {
    tell(group::heard{router, priority, 1s, peer}, when);
  }
  duration due() const { return machine.deadline().value() - at(0s); }
  void make_active() {
    start();
    tell(wake{}, due());
    ASSERT_EQ(machine.is(), role::active);
  }
  void report(role is, std::uint8_t priority, duration when, fitness how = fitness::fit) {
    tell(group::peer_reported{"lb2", {is, priority, how}}, when);
  }
  // It answers what was asked then, about its newest report.
  void confirm(duration asked, duration when, std::uint64_t number = 0) {
    tell(group::peer_confirmed{"lb2", at(asked), number}, when);
  }
  // The peer's checks have found a server alive then.
  void report_look(duration looked, duration when, fitness how = fitness::fit) {
    tell(group::peer_reported{"lb2", {role::backup, 50, how, at(looked)}}, when);
  }
  void lose_servers(duration since, duration when) {
    tell(group::judged{"balancer", fitness::degraded, "no server alive", at(since)}, when);
  }
  void look(bool alive, duration when) { tell(group::looked{alive, at(when)}, when); }
  template <class Order>
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::count_if(last.begin(), last.end(), [](const auto& o) { return std::holds_alternative<Order>(o); }));
  }

  group machine;
  group::effects last;
};

}  // namespace holdfast
