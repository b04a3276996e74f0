#include "balancer/loop/poller_io.h"
#include "tests/balancer_io/connected.h"

namespace holdfast {

namespace {

// All that is said of the one descriptor within a second; nothing else is watched.
readiness said(poller& p) {
  const auto events = p.wait(1000);
  EXPECT_EQ(events.size(), 1);
  return events.empty() ? readiness{} : poller::read(events[0]);
}

TEST(Poller, GivesTheTicketBack) {
  poller p;
  const connected c;
  const ticket whose{.kind = watched::flow, .slot = 0xfffffffe, .stamp = ticket::stamps};
  ASSERT_TRUE(p.watch(c.ours.get(), whose));
  const readiness r = said(p);
  EXPECT_EQ(r.whose.kind, whose.kind);
  EXPECT_EQ(r.whose.slot, whose.slot);
  EXPECT_EQ(r.whose.stamp, whose.stamp);
  EXPECT_TRUE(r.writable);
  EXPECT_FALSE(r.readable || r.ended || r.failed || r.urgent);
}

TEST(Poller, SaysOnceWhatIsNew) {
  poller p;
  connected c;
  ASSERT_TRUE(p.watch(c.ours.get(), {.kind = watched::flow, .slot = 1, .stamp = 1}));
  said(p);
  EXPECT_TRUE(p.wait(0).empty());
  c.theirs.say("x");
  EXPECT_TRUE(said(p).readable);
  c.theirs.end();
  EXPECT_TRUE(said(p).ended);
  c.theirs.reset();
  EXPECT_TRUE(said(p).failed);
}

TEST(Poller, SaysAllAnewUnderAnotherTicket) {
  poller p;
  const connected c;
  ASSERT_TRUE(p.watch(c.ours.get(), {.kind = watched::flow, .slot = 1, .stamp = 1}));
  said(p);
  ASSERT_TRUE(p.watch_as(c.ours.get(), {.kind = watched::dummy, .slot = 2, .stamp = 2}));
  const readiness r = said(p);
  EXPECT_EQ(r.whose.kind, watched::dummy);
  EXPECT_EQ(r.whose.slot, 2);
  EXPECT_TRUE(r.writable);
}

TEST(Poller, WatchesNothingThatIsNotThere) {
  poller p;
  EXPECT_FALSE(p.watch(-1, {}));
  EXPECT_FALSE(p.watch_as(-1, {}));
  const connected c;
  ASSERT_TRUE(p.watch(c.ours.get(), {}));
  p.forget(c.ours.get());
  EXPECT_TRUE(p.wait(0).empty());
}

}  // namespace

}  // namespace holdfast
