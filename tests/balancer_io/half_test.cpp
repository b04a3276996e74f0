#include <gtest/gtest.h>

#include "balancer/relay/half_io.h"
#include "tests/balancer_io/connected.h"

namespace holdfast {
namespace {

struct made_half {
  connected sides;
  half h;

  made_half() {
    h.bytes.fd = std::move(sides.ours);
    h.writable = true;
  }
};

TEST(Half, SendsWhatTheKernelTakes) {
  made_half m;
  EXPECT_EQ(m.h.send("hello", 5, false), 5U);
  EXPECT_TRUE(m.h.writable);
  EXPECT_EQ(m.sides.theirs.hear(5), "hello");
  m.h.writable = false;
  EXPECT_EQ(m.h.send("x", 1, false), 0U) << "until the kernel says that there is room";
}

TEST(Half, SaysHowMuchThereIsRoomForUntilThereIsNone) {
  made_half m;
  const std::string much(4 << 20, 'x');
  EXPECT_GT(m.h.room(), 0U);
  while (m.h.writable) m.h.send(much.data(), much.size(), false);
  EXPECT_EQ(m.h.room(), 0U);
}

TEST(Half, TakesNothingMoreWhenTheOtherHasReset) {
  made_half m;
  m.sides.theirs.reset();
  std::array<char, 8> some;
  m.h.readable = true;
  EXPECT_TRUE(eventually([&] {
    const auto read = m.h.bytes.read(some.data(), some.size());
    m.h.note_end(read);
    return m.h.broken;
  }));
  EXPECT_TRUE(m.h.cut) << "an end that is read now is none in order";
}

TEST(Half, EndsInOrder) {
  made_half m;
  m.h.readable = true;
  m.h.note_end(0);
  EXPECT_TRUE(m.h.ended);
  EXPECT_FALSE(m.h.readable || m.h.broken);
}

TEST(Half, HasArrivedWhenTheOtherSidesHostHasIt) {
  made_half from, to;
  EXPECT_TRUE(has_arrived(from.h, to.h)) << "nobody has ended";
  from.h.passed_on = true;
  EXPECT_EQ(to.h.send("x", 1, true), 1U);
  EXPECT_TRUE(eventually([&] { return has_arrived(from.h, to.h); }));
  from.h.held = std::make_unique<char[]>(1);
  from.h.held_bytes = 1;
  EXPECT_FALSE(has_arrived(from.h, to.h));
}

}  // namespace
}  // namespace holdfast
