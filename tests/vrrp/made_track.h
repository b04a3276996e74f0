// A balancer in virtual time, and what is thought of it.
#pragma once

#include <gtest/gtest.h>

#include "vrrp/election/track.h"

namespace holdfast {

using namespace std::chrono_literals;

inline constexpr condition well{.workers = 3, .listeners = 2, .servers_alive = 4, .servers = 5, .stopping = false};

// A balancer of three workers in virtual time, and what is thought of it.
class balancer {
 public:
  explicit balancer(const track_settings& settings = {}) : judge(settings) {}

  // True when that told a new verdict.
  bool tell(const track::event& what) {
    const auto orders = judge.on(what, now);
    if (orders.empty()) return false;
    EXPECT_EQ(std::get<track::judged>(orders.front()), judge.verdict());
    return true;
  }

  void beat_all() {
    for (const std::uint16_t who : {std::uint16_t{0}, std::uint16_t{1}, std::uint16_t{2}, control_thread}) {
      tell(beat{who});
    }
  }

  void start(const condition& with = well) {
    tell(track::attached{});
    tell(with);
    beat_all();
  }

  // Time passes, and the machine is woken when it asked to be.
  void wait(duration time) {
    const instant end = now + time;
    for (auto due = judge.deadline(); due && *due <= end; due = judge.deadline()) {
      now = std::max(now, *due);
      tell(wake{});
    }
    now = end;
  }

  // The same, while everybody beats.
  void last(duration time) {
    for (const instant end = now + time; now < end;) {
      wait(std::min<duration>(end - now, 50ms));
      beat_all();
    }
  }

  std::string why() const { return judge.verdict().why; }
  fitness is() const { return judge.verdict().is; }

  instant now{1h};
  track judge;
};

}  // namespace holdfast
