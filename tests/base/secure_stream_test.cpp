#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <list>

#include "base/ensure.h"
#include "tests/base/loopback.h"

namespace holdfast {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using tcp = boost::asio::ip::tcp;

constexpr const char* label = "test 1";

// A listener that keeps and hears everybody, and whoever dials it.
class SecureStream : public testing::Test {
 protected:
  struct guest {
    secure_stream stream;
    ear heard;
    endpoint from;
  };

  void listen(std::uint8_t key = 1, const endpoint& where = loopback(), bool start = true) {
    door.emplace(io, tls_context(key_of(key), label), options,
                 listener_callbacks{.accepted =
                                        [this, start](secure_stream stream, const endpoint& from) {
                                          guest& g = guests.emplace_back();
                                          g.stream = std::move(stream);
                                          g.from = from;
                                          if (start) g.stream.start(g.heard.callbacks());
                                        },
                                    .turned_away = [this](const endpoint&, stream_end why) { away.push_back(why); }},
                 4);
    auto bound = door->listen(where);
    ensure(bound.has_value());
    at = *bound;
  }

  secure_stream dial(ear& heard, const endpoint& to, std::uint8_t key = 1) {
    return secure_stream::dial(io, tls_context(key_of(key), label), options, to, std::nullopt, heard.callbacks());
  }

  tcp::socket plain_caller() {
    tcp::socket socket(io);
    socket.connect({boost::asio::ip::address_v4::loopback(), at.port});
    return socket;
  }

  template <class Claim>
  void wait(Claim claim) {
    ASSERT_TRUE(eventually(io, claim));
  }

  boost::asio::io_context io;
  stream_options options;
  std::list<guest> guests;
  std::vector<stream_end> away;
  std::optional<secure_listener> door;
  endpoint at;
};

TEST_F(SecureStream, CarriesFramesBothWaysInOrder) {
  for (const char* host : {"127.0.0.1", "::1"}) {
    guests.clear();
    listen(1, {.host = *address::parse(host), .port = 0, .path = {}});
    ear heard;
    secure_stream stream = dial(heard, at);
    EXPECT_FALSE(stream.send(bytes_of("too early")));
    wait([&] { return heard.opened && !guests.empty(); });
    EXPECT_EQ(guests.front().from.host.text(), host);
    EXPECT_TRUE(stream.send(bytes_of("one")));
    EXPECT_TRUE(stream.send(bytes_of("")));
    EXPECT_TRUE(guests.front().stream.send(bytes_of("two")));
    wait([&] { return heard.frames.size() == 1 && guests.front().heard.frames.size() == 2; });
    EXPECT_THAT(heard.frames, ElementsAre("two"));
    EXPECT_THAT(guests.front().heard.frames, ElementsAre("one", ""));
    EXPECT_EQ(stream.bytes_out(), guests.front().stream.bytes_in());
    EXPECT_THAT(heard.ends, IsEmpty());
  }
}

TEST_F(SecureStream, DialsFromTheAddressItIsTold) {
  listen();
  ear heard;
  const secure_stream stream =
      secure_stream::dial(io, tls_context(key_of(1), label), options, at, address::v4(0x7f000002), heard.callbacks());
  wait([&] { return !guests.empty(); });
  EXPECT_EQ(guests.front().from.host.text(), "127.0.0.2");
}

TEST_F(SecureStream, IsLostWhenItsOwnAddressIsNotHere) {
  listen();
  ear heard;
  const secure_stream stream =
      secure_stream::dial(io, tls_context(key_of(1), label), options, at, address::v4(0xc0000201), heard.callbacks());
  EXPECT_THAT(heard.ends, IsEmpty()) << "never from within the call";
  wait([&] { return !heard.ends.empty(); });
  EXPECT_THAT(heard.ends, ElementsAre(stream_end::lost));
}

TEST_F(SecureStream, LetsNoFrameInWhenTheKeysDiffer) {
  listen(1);
  ear heard;
  const secure_stream stream = dial(heard, at, 2);
  wait([&] { return !heard.ends.empty() && !away.empty(); });
  EXPECT_THAT(heard.ends, ElementsAre(stream_end::not_authenticated));
  EXPECT_THAT(away, ElementsAre(stream_end::not_authenticated));
  EXPECT_FALSE(heard.opened);
  EXPECT_THAT(guests, IsEmpty());
}

TEST_F(SecureStream, TurnsAwayWhoeverSpeaksSomethingElse) {
  listen();
  tcp::socket caller = plain_caller();
  caller.send(boost::asio::buffer("VRRP? Never heard of it.\n"));
  wait([&] { return !away.empty(); });
  EXPECT_THAT(away, ElementsAre(stream_end::not_authenticated));
  EXPECT_THAT(guests, IsEmpty());
}

TEST_F(SecureStream, TurnsAwayWhoeverSaysNothingInTime) {
  options.handshake_limit = 20ms;
  listen();
  const tcp::socket caller = plain_caller();
  wait([&] { return !away.empty(); });
  EXPECT_THAT(away, ElementsAre(stream_end::lost));
}

TEST_F(SecureStream, TurnsAwayTheOldestWhenTooManySayNothing) {
  listen();
  std::list<tcp::socket> idle;
  for (int i = 0; i < 6; ++i) idle.push_back(plain_caller());
  ear heard;
  const secure_stream stream = dial(heard, at);
  wait([&] { return heard.opened && !guests.empty(); });
  EXPECT_THAT(away, ElementsAre(stream_end::refused, stream_end::refused, stream_end::refused));
  for (int i = 0; i < 3; ++i, idle.pop_front()) {
    std::array<char, 1> room{};
    boost::system::error_code why;
    idle.front().receive(boost::asio::buffer(room), 0, why);
    EXPECT_EQ(why, boost::asio::error::eof);
  }
}

TEST_F(SecureStream, ServesOthersThroughAFloodOfNoise) {
  listen();
  for (int i = 0; i < 200; ++i) {
    tcp::socket caller = plain_caller();
    std::string noise(static_cast<std::size_t>(i) * 37 % 3000, static_cast<char>(i));
    if (i % 2 == 0) noise.insert(0, std::string("\x16\x03\x01\x02\x00\x01", 6));  // as if it were a ClientHello
    boost::system::error_code ignored;
    caller.send(boost::asio::buffer(noise), 0, ignored);
    io.restart();
    io.poll();
  }
  ear heard;
  secure_stream stream = dial(heard, at);
  wait([&] { return heard.opened && guests.size() == 1; });
  stream.send(bytes_of("still here"));
  wait([&] { return !guests.front().heard.frames.empty(); });
  wait([&] { return away.size() == 200; });
}

TEST_F(SecureStream, SaysWhenNobodyListens) {
  listen();
  door.reset();
  ear heard;
  const secure_stream stream = dial(heard, at);
  wait([&] { return !heard.ends.empty(); });
  EXPECT_THAT(heard.ends, ElementsAre(stream_end::refused));
}

TEST_F(SecureStream, WaitsForAnAnswerNoLongerThanItShould) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  tcp::acceptor full(io, tcp::v4(), fd);
  full.bind({boost::asio::ip::address_v4::loopback(), 0});
  full.listen(0);  // one is taken in, then the kernel is silent
  at = loopback(full.local_endpoint().port());
  const tcp::socket first = plain_caller();
  options.connect_limit = 20ms;
  options.handshake_limit = 20ms;
  for (int i = 0; i < 3; ++i) {
    ear heard;
    const secure_stream stream = dial(heard, at);
    wait([&] { return !heard.ends.empty(); });
    EXPECT_THAT(heard.ends, ElementsAre(stream_end::lost));
  }
}

TEST_F(SecureStream, TellsAPeerThatPartsFromOneThatIsGone) {
  listen();
  go_between between(io, at);
  const auto end_after = [&](const std::function<void(secure_stream&)>& what) {
    guests.clear();
    ear heard;
    secure_stream stream = dial(heard, between.where());
    wait([&] { return heard.opened && !guests.empty(); });
    stream.send(bytes_of("last words"));
    wait([&] { return !guests.front().heard.frames.empty(); });
    what(stream);
    wait([&] { return !guests.front().heard.ends.empty(); });
    EXPECT_THAT(guests.front().heard.frames, ElementsAre("last words"));
    EXPECT_EQ(guests.front().heard.ends.size(), 1U);
    EXPECT_FALSE(guests.front().stream.send(bytes_of("gone")));
    return guests.front().heard.ends.front();
  };
  EXPECT_EQ(end_after([](secure_stream& s) { s.close(); }), stream_end::parted);
  EXPECT_EQ(end_after([](secure_stream& s) { s = secure_stream(); }), stream_end::parted);
  EXPECT_EQ(end_after([&](secure_stream&) { between.end(); }), stream_end::closed);
  EXPECT_EQ(end_after([&](secure_stream&) { between.reset(); }), stream_end::closed);
}

TEST_F(SecureStream, IsLostAfterSilence) {
  options.silence = 50ms;
  listen();
  go_between between(io, at);
  ear heard;
  const secure_stream stream = dial(heard, between.where());
  wait([&] { return heard.opened && !guests.empty(); });
  between.hold();
  wait([&] { return !heard.ends.empty() && !guests.front().heard.ends.empty(); });
  EXPECT_THAT(heard.ends, ElementsAre(stream_end::lost));
  EXPECT_THAT(guests.front().heard.ends, ElementsAre(stream_end::lost));
}

TEST_F(SecureStream, IsNotLostWhileFramesCome) {
  options.silence = 200ms;
  listen();
  ear heard;
  secure_stream stream = dial(heard, at);
  wait([&] { return heard.opened && !guests.empty(); });
  const auto end = std::chrono::steady_clock::now() + 600ms;
  while (std::chrono::steady_clock::now() < end) {
    stream.send(bytes_of("here"));
    guests.front().stream.send(bytes_of("here"));
    io.restart();
    io.run_for(5ms);
  }
  EXPECT_THAT(heard.ends, IsEmpty());
  EXPECT_THAT(guests.front().heard.ends, IsEmpty());
}

TEST_F(SecureStream, EndsByProtocolOnAFrameBeyondTheLimit) {
  options.frame_limit = 1000;
  listen();
  options.frame_limit = 2000;
  ear heard;
  secure_stream stream = dial(heard, at);
  wait([&] { return heard.opened && !guests.empty(); });
  stream.send(bytes_of(std::string(1000, 'x')));
  stream.send(bytes_of(std::string(1001, 'x')));
  stream.send(bytes_of("never heard"));
  wait([&] { return !heard.ends.empty() && !guests.front().heard.ends.empty(); });
  EXPECT_THAT(guests.front().heard.frames, ElementsAre(std::string(1000, 'x')));
  EXPECT_THAT(guests.front().heard.ends, ElementsAre(stream_end::protocol));
  EXPECT_THAT(heard.ends, ElementsAre(stream_end::parted));
}

TEST_F(SecureStream, EndsWhenThePeerDoesNotTakeWhatItIsSent) {
  listen(1, loopback(), false);
  ear heard;
  secure_stream stream = dial(heard, at);
  wait([&] { return heard.opened && !guests.empty(); });
  const std::string frame(options.frame_limit, 'x');
  std::size_t frames = 0;
  while (stream.send(bytes_of(frame))) {
    ASSERT_LT(++frames, 10'000U);
    EXPECT_LE(stream.unsent(), options.queue_limit);
    io.restart();
    io.poll();
  }
  EXPECT_THAT(heard.ends, IsEmpty()) << "never from within the call";
  wait([&] { return !heard.ends.empty(); });
  EXPECT_THAT(heard.ends, ElementsAre(stream_end::slow));
}

TEST_F(SecureStream, CarriesMuchThroughASmallQueue) {
  options.frame_limit = 30'000;
  options.queue_limit = 100'000;
  listen();
  ear heard;
  secure_stream stream;
  std::size_t frames = 0;
  const auto fill = [&] {
    while (stream.unsent() == 0 && frames < 1000) {
      const std::string frame(frames * 7919 % options.frame_limit, static_cast<char>(frames));
      ASSERT_TRUE(stream.send(bytes_of(frame)));
      ++frames;
    }
  };
  stream_callbacks callbacks = heard.callbacks();
  callbacks.opened = fill;
  callbacks.drained = [&] {
    ++heard.drained;
    fill();
  };
  stream = secure_stream::dial(io, tls_context(key_of(1), label), options, at, std::nullopt, std::move(callbacks));
  wait([&] { return !guests.empty() && guests.front().heard.frames.size() == 1000; });
  for (std::size_t i = 0; i < 1000; ++i) {
    ASSERT_EQ(guests.front().heard.frames[i], std::string(i * 7919 % options.frame_limit, static_cast<char>(i)));
  }
  EXPECT_GT(heard.drained, 0);
}

TEST_F(SecureStream, MayBeEndedByItsOwnCallbacks) {
  listen();
  auto heard = std::make_unique<ear>();
  secure_stream stream;
  stream_callbacks callbacks = heard->callbacks();
  callbacks.received = [&](std::span<const std::uint8_t>) {
    stream = secure_stream();
    heard.reset();
  };
  stream = secure_stream::dial(io, tls_context(key_of(1), label), options, at, std::nullopt, std::move(callbacks));
  wait([&] { return !guests.empty(); });
  for (int i = 0; i < 3; ++i) guests.front().stream.send(bytes_of("go"));
  wait([&] { return !guests.front().heard.ends.empty(); });
  EXPECT_EQ(heard, nullptr);
}

TEST_F(SecureStream, MayChangeWhoHearsItFromItsOwnCallback) {
  listen(1, loopback(), false);
  ear heard, first, second;
  secure_stream stream = dial(heard, at);
  wait([&] { return heard.opened && !guests.empty(); });
  stream_callbacks callbacks = first.callbacks();
  callbacks.received = [&](std::span<const std::uint8_t> frame) {
    first.frames.emplace_back(frame.begin(), frame.end());
    guests.front().stream.start(second.callbacks());
  };
  guests.front().stream.start(std::move(callbacks));
  for (const char* frame : {"one", "two", "three"}) stream.send(bytes_of(frame));
  wait([&] { return second.frames.size() == 2; });
  EXPECT_THAT(first.frames, ElementsAre("one"));
  EXPECT_THAT(second.frames, ElementsAre("two", "three"));
  stream.close();
  wait([&] { return !second.ends.empty(); });
  EXPECT_THAT(first.ends, IsEmpty());
}

TEST_F(SecureStream, DeliversWhatWasSentBeforeItClosed) {
  listen();
  ear heard;
  secure_stream stream = dial(heard, at);
  wait([&] { return heard.opened && !guests.empty(); });
  guests.front().stream.send(bytes_of("unread when it closes"));
  for (int i = 0; i < 20; ++i) stream.send(bytes_of(std::string(1000, 'x')));
  stream.close();
  wait([&] { return !guests.front().heard.ends.empty(); });
  EXPECT_EQ(guests.front().heard.frames.size(), 20U);
  EXPECT_THAT(guests.front().heard.ends, ElementsAre(stream_end::parted));
  EXPECT_THAT(heard.ends, IsEmpty()) << "nobody is told what it did itself";
}

TEST_F(SecureStream, SaysWhyItCannotListen) {
  listen();
  secure_listener other(io, tls_context(key_of(1), label), options, {.accepted = {}, .turned_away = {}});
  const auto bound = other.listen(at);
  ASSERT_FALSE(bound);
  EXPECT_THAT(bound.error(), testing::HasSubstr("can't listen on " + at.text()));
}

}  // namespace

}  // namespace holdfast
