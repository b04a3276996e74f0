#include "balancer/stream/plain_stream_io.h"
#include "tests/balancer_io/connected.h"

namespace holdfast {

namespace {

struct streamed {
  connected ends;
  plain_stream s{std::move(ends.ours)};
  peer& other = ends.theirs;
  char room[64] = {};

  std::string read() {
    const auto count = s.read(room, sizeof room);
    return count > 0 ? std::string(room, static_cast<std::size_t>(count)) : "";
  }
};

TEST(PlainStream, ReadsAndWritesWithoutWaiting) {
  streamed t;
  EXPECT_EQ(t.s.read(t.room, sizeof t.room), -1);
  EXPECT_EQ(errno, EAGAIN);
  t.other.say("there");
  EXPECT_TRUE(eventually([&] { return t.read() == "there"; }));
  EXPECT_EQ(t.s.write("here", 4, false), 4);
  EXPECT_EQ(t.other.hear(4), "here");
}

TEST(PlainStream, SkipsWhatNobodyWants) {
  streamed t;
  t.other.say("nobody wants this");
  EXPECT_EQ(t.other.name(), peer(descriptor(dup(t.s.fd.get()))).other());
  EXPECT_TRUE(eventually([&] { return t.s.skip(t.room, 12) == 12; }));
  EXPECT_EQ(t.read(), " this");
}

TEST(PlainStream, EndsOneDirection) {
  streamed t;
  EXPECT_EQ(t.s.write("last", 4, true), 4);
  t.s.shut();
  EXPECT_EQ(t.other.hear_all(), "last");
  t.other.say("but I go on");
  t.other.end();
  EXPECT_TRUE(eventually([&] { return t.read() == "but I go on"; }));
  EXPECT_TRUE(eventually([&] { return t.s.read(t.room, sizeof t.room) == 0; }));
}

TEST(PlainStream, SaysWhyNothingIsTaken) {
  streamed t;
  t.other.reset();
  EXPECT_TRUE(eventually([&] { return t.s.write("x", 1, false) < 0; }));
  EXPECT_TRUE(errno == ECONNRESET || errno == EPIPE);
}

}  // namespace

}  // namespace holdfast
