#include <gmock/gmock.h>

#include <list>

#include "base/ensure.h"
#include "peers/link_listener_io.h"
#include "tests/base/loopback.h"

namespace holdfast {

namespace {

using testing::ElementsAre;

constexpr const char* label = "test 1";

// A listener that answers the first message of whoever calls, and who calls it.
class LinkListener : public testing::Test {
 protected:
  LinkListener()
      : listener(io, tls_context(key_of(1), label), {},
                 {.called =
                      [this](secure_stream stream, const endpoint&, std::span<const std::uint8_t> first) {
                        heard.emplace_back(first.begin(), first.end());
                        stream.send(bytes_of("welcome"));
                        kept.push_back(std::move(stream));
                      },
                  .turned_away = [this](const endpoint&, const std::string& why) { away.push_back(why); }}) {
    const auto bound = listener.listen(loopback());
    ensure(bound.has_value());
    at = *bound;
  }

  struct caller {
    ear heard;
    secure_stream stream;
  };
  caller& call(std::uint8_t key = 1) {
    caller& c = callers.emplace_back();
    c.stream = secure_stream::dial(io, tls_context(key_of(key), label), {}, at, std::nullopt, c.heard.callbacks());
    return c;
  }
  template <class Claim>
  void wait(Claim claim) {
    ASSERT_TRUE(eventually(io, claim));
  }

  boost::asio::io_context io;
  endpoint at;
  std::vector<std::string> heard, away;
  std::list<secure_stream> kept;
  std::list<caller> callers;
  link_listener listener;
};

TEST_F(LinkListener, HandsOverWhoeverSaysSomething) {
  caller& c = call();
  wait([&] { return c.heard.opened; });
  EXPECT_TRUE(c.stream.send(bytes_of("hello")));
  wait([&] { return c.heard.frames.size() == 1; });
  EXPECT_THAT(heard, ElementsAre("hello"));
  EXPECT_THAT(c.heard.frames, ElementsAre("welcome"));
  EXPECT_THAT(away, ElementsAre());
}

TEST_F(LinkListener, TurnsAwayWhoeverHasAnotherKeyOrLeavesWithoutAWord) {
  call(2);
  wait([&] { return away.size() == 1; });
  EXPECT_EQ(away.front(), "the peer doesn't hold the same cluster key");
  caller& c = call();
  wait([&] { return c.heard.opened; });
  c.stream.close();
  wait([&] { return away.size() == 2; });
  EXPECT_EQ(away.back(), "the peer ended the connection");
}

TEST_F(LinkListener, KeepsSixteenWhoSayNothingAndTheNewestOfThem) {
  for (int i = 0; i < 17; ++i) {
    const caller& c = call();
    wait([&] { return c.heard.opened; });
  }
  wait([&] { return !callers.front().heard.ends.empty(); });
  caller& last = callers.back();
  EXPECT_TRUE(last.stream.send(bytes_of("hello")));
  wait([&] { return heard.size() == 1; });
  EXPECT_TRUE(std::next(callers.begin())->heard.ends.empty());
}

TEST_F(LinkListener, StopsAndClosesOnThoseWhoSaidNothing) {
  caller& c = call();
  wait([&] { return c.heard.opened; });
  listener.stop();
  wait([&] { return !c.heard.ends.empty(); });
  EXPECT_THAT(heard, ElementsAre());
}

}  // namespace

}  // namespace holdfast
