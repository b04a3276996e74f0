#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <optional>

#include "base/descriptor_io.h"
#include "base/loop/readable_io.h"

namespace holdfast {

namespace {

struct line {
  boost::asio::io_context io;
  descriptor near, far;

  line() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    near.reset(ends[0]);
    far.reset(ends[1]);
  }
  void say() const { EXPECT_EQ(send(far.get(), "x", 1, 0), 1); }
  bool hear() const {
    char in = 0;
    return recv(near.get(), &in, 1, 0) == 1;
  }
};

TEST(Readable, SaysAgainWhatWasNotRead) {
  line l;
  int said = 0;
  std::optional<readable> r;
  r.emplace(l.io, l.near.get(), [&] {
    if (++said == 3) {
      EXPECT_TRUE(l.hear());
    }
  });
  l.say();
  l.io.poll();
  EXPECT_EQ(said, 3);
  l.say();
  l.io.restart();
  l.io.run_one();
  EXPECT_EQ(said, 4);
}

TEST(Readable, MayEndItselfAndLeavesTheDescriptorOpen) {
  line l;
  int said = 0;
  std::optional<readable> r;
  r.emplace(l.io, l.near.get(), [&] {
    ++said;
    r.reset();
  });
  l.say();
  l.say();
  l.io.run();  // ends: nothing is waited for any more
  EXPECT_EQ(said, 1);
  EXPECT_TRUE(l.hear());
  EXPECT_TRUE(l.hear());
}

TEST(Readable, SaysNothingAfterItsEnd) {
  line l;
  int said = 0;
  std::optional<readable> r;
  r.emplace(l.io, l.near.get(), [&] { ++said; });
  l.say();
  r.reset();
  l.io.run();
  EXPECT_EQ(said, 0);
}

}  // namespace

}  // namespace holdfast
