// An agent without a mind, and a place to meet: it hears and says single messages (20 seconds at most).
#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include "base/local_socket_io.h"

namespace holdfast {

class bare_agent {
 public:
  explicit bare_agent(const std::string& path) {
    auto fd = call_local(path);
    EXPECT_TRUE(fd) << fd.error();
    if (fd) fd_ = std::move(*fd);
  }
  explicit bare_agent(descriptor fd) : fd_(std::move(fd)) {}

  // None: the other side has hung up, or is silent for 20 seconds (which fails).
  std::optional<link_message> hear() {
    packet bytes;
    taken got = taken::nothing;
    for (pollfd ready{.fd = fd_.get(), .events = POLLIN, .revents = 0}; got == taken::nothing;) {
      if (poll(&ready, 1, 20'000) != 1) {
        ADD_FAILURE() << "silence";
        return std::nullopt;
      }
      got = take_packet(fd_.get(), bytes);
    }
    if (got == taken::ended) return std::nullopt;
    const auto what = decode(bytes);
    EXPECT_TRUE(what);
    return *what;
  }

  // The next message of that kind for which the claim holds.
  template <class T, class Claim>
  std::optional<T> hear_of(Claim claim) {
    for (auto what = hear(); what; what = hear()) {
      if (const T* one = std::get_if<T>(&*what); one != nullptr && claim(*one)) return *one;
    }
    return std::nullopt;
  }

  bool hears_beat_of(std::uint16_t who) {
    return hear_of<beat>([&](const beat& b) { return b.worker == who; }).has_value();
  }

  // Whatever else comes before it.
  bool hears_the_end() {
    while (hear()) {
    }
    return !testing::Test::HasFailure();
  }

  posted say(const link_message& what) { return post_packet(fd_.get(), encode(what)); }
  posted say_bytes(std::span<const std::uint8_t> bytes) { return post_packet(fd_.get(), bytes); }
  void hang_up() { fd_.reset(); }

 private:
  descriptor fd_;
};

}  // namespace holdfast
