// What is carried, and how it ends.
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

#include <array>
#include <filesystem>

#include "tests/balancer_io/rig.h"

namespace holdfast {

namespace {

constexpr std::size_t mebi = 1 << 20;

std::ptrdiff_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

// Sends until nobody takes more for a while; says how much it was.
std::size_t fill(const peer& to) {
  const std::string some = pattern(64 << 10);
  std::size_t total = 0;
  for (pollfd ready{.fd = to.fd(), .events = POLLOUT, .revents = 0}; poll(&ready, 1, 300) == 1;) {
    const ssize_t sent = send(to.fd(), some.data(), some.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) break;
    total += static_cast<std::size_t>(sent);
  }
  return total;
}

TEST(Relay, CarriesBytesBothWaysAtOnce) {
  backend server(echo);
  rig r({server.where()});
  r.start();
  peer client = r.client();
  const std::string said = pattern(24 * mebi);
  std::thread talking([&] {
    EXPECT_TRUE(client.say(said));
    client.end();
  });
  const std::string heard = client.hear_all();
  talking.join();
  EXPECT_TRUE(heard == said);
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
  EXPECT_EQ(r.server(0).sent, said.size());
  EXPECT_EQ(r.server(0).received, said.size());
}

TEST(Relay, PassesTheClientsEndOnAndKeepsTheOtherDirection) {
  const std::string said = pattern(12 * mebi);
  backend server([&](peer& with) {
    const bool whole = with.hear_all() == said;  // returns only when the end has come
    with.say(whole ? "whole" : "not whole");
  });
  rig r({server.where()});
  r.start();
  peer client = r.client();
  EXPECT_TRUE(client.say(said));
  client.end();
  EXPECT_EQ(client.hear_all(), "whole");
}

TEST(Relay, PassesTheServersEndOnAndKeepsTheOtherDirection) {
  std::promise<std::string> heard;
  backend server([&](peer& with) {
    with.say("that is all");
    with.end();
    heard.set_value(with.hear_all());
  });
  rig r({server.where()});
  r.start();
  peer client = r.client();
  EXPECT_EQ(client.hear_all(), "that is all");
  EXPECT_TRUE(client.say("but I go on"));
  client.end();
  EXPECT_EQ(heard.get_future().get(), "but I go on");
}

TEST(Relay, KeepsManyConnectionsApart) {
  backend server(echo);
  rig r({server.where()});
  r.start();
  std::atomic<int> right = 0;
  std::vector<std::thread> crowd;
  for (std::size_t i = 0; i < 40; ++i) {
    crowd.emplace_back([&, i] {
      peer client = r.client();
      const std::string said = pattern(1 + i * 7919 % 300'000);
      std::thread talking([&] {
        client.say(said);
        client.end();
      });
      right += client.hear_all() == said;
      talking.join();
    });
  }
  for (std::thread& t : crowd) t.join();
  EXPECT_EQ(right, 40);
}

TEST(Relay, StopsReadingTheClientWhenTheServerDoesNotRead) {
  std::promise<void> enough;
  std::shared_future<void> read_on = enough.get_future().share();
  backend server([&](peer& with) {
    set_option(with.fd(), SOL_SOCKET, SO_RCVBUF, 64 << 10);
    read_on.wait();
    with.say(std::to_string(with.hear_all().size()));
  });
  rig r({server.where()});
  r.start(loopback(), 64 << 10);
  peer client = r.client(64 << 10);
  const std::size_t taken = fill(client);
  EXPECT_LT(taken, 24 * mebi);  // what the kernel's buffers and one pipe take
  enough.set_value();
  client.end();
  EXPECT_EQ(client.hear_all(), std::to_string(taken));
}

TEST(Relay, StopsReadingTheServerWhenTheClientDoesNotRead) {
  std::promise<std::size_t> filled;
  backend server([&](peer& with) {
    with.hear(1);
    filled.set_value(fill(with));
  });
  rig r({server.where()});
  r.start(loopback(), 64 << 10);
  peer client = r.client(64 << 10);
  client.say("s");
  const std::size_t given = filled.get_future().get();
  EXPECT_LT(given, 48 * mebi);
  EXPECT_EQ(client.hear_all().size(), given);
}

TEST(Relay, PassesTheServersResetOn) {
  backend server([](peer& with) {
    with.hear(1);
    with.reset();
  });
  rig r({server.where()});
  r.start();
  peer client = r.client();
  client.say("x");
  EXPECT_EQ(client.hear_all(), "");
  EXPECT_TRUE(client.was_reset());
}

TEST(Relay, DeliversWhatTheServerSaidBeforeItsReset) {
  backend server([](peer& with) {
    with.hear(1);
    with.say(pattern(1000));
    with.reset();
  });
  rig r({server.where()});
  r.start();
  peer client = r.client();
  client.say("xy");
  EXPECT_EQ(client.hear_all(), pattern(1000));
  EXPECT_TRUE(client.was_reset());
}

// Waits until the other side's kernel has all that was said.
void await_arrival(const peer& with) {
  EXPECT_TRUE(eventually([&] {
    int under_way = 0;
    return ioctl(with.fd(), SIOCOUTQ, &under_way) != 0 || under_way == 0;
  }));
}

constexpr std::size_t on_the_way = 200'000;  // more than the client takes, less than all buffers together

TEST(Relay, DeliversAllThatArrivedBeforeTheServersReset) {
  std::promise<void> gone;
  backend server([&](peer& with) {
    with.hear(1);
    with.say(pattern(on_the_way));
    await_arrival(with);
    with.close();  // with a byte unread, so the kernel resets
    gone.set_value();
  });
  rig r({server.where()});
  r.start();
  peer client = r.client(64 << 10);
  client.say("xy");
  gone.get_future().wait();
  EXPECT_TRUE(client.hear_all() == pattern(on_the_way));
  EXPECT_TRUE(client.was_reset());
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
}

TEST(Relay, DeliversAllThatTheServerSaidToAClientWhoSpeaksAfterItsEnd) {
  std::promise<void> gone;
  backend server([&](peer& with) {
    with.hear(1);
    with.say(pattern(on_the_way));
    await_arrival(with);
    with.close();
    gone.set_value();
  });
  rig r({server.where()});
  r.start();
  peer client = r.client(64 << 10);
  client.say("x");
  gone.get_future().wait();
  client.say("one word more");
  EXPECT_TRUE(client.hear_all() == pattern(on_the_way));
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
}

TEST(Relay, DeliversAllThatArrivedBeforeTheClientsReset) {
  std::promise<std::string> heard;
  std::promise<void> gone;
  backend server([&, read_on = gone.get_future().share()](peer& with) {
    set_option(with.fd(), SOL_SOCKET, SO_RCVBUF, 64 << 10);
    read_on.wait();
    heard.set_value(with.hear_all());
    EXPECT_TRUE(with.was_reset());
  });
  rig r({server.where()});
  r.start();
  peer client = r.client();
  client.say(pattern(on_the_way));
  await_arrival(client);
  client.reset();
  gone.set_value();
  EXPECT_TRUE(heard.get_future().get() == pattern(on_the_way));
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
}

// Whoever breaks off, and however slowly the other reads: what had arrived arrives.
TEST(Relay, LosesNothingInACrowdOfRudeEnds) {
  constexpr std::size_t reply = 300'000;
  backend server([](peer& with) {
    const std::string wish = with.hear(2);
    with.say(pattern(reply));
    await_arrival(with);
    if (wish == "re") with.reset();
    if (wish == "en") with.end(), with.hear_all();
  });
  rig r({server.where()});
  r.start();
  std::atomic<int> whole = 0;
  std::vector<std::thread> crowd;
  for (int n = 0; n < 16; ++n) {
    crowd.emplace_back([&, n] {
      for (int i = 0; i < 12; ++i) {
        peer client = r.client(i % 3 == 0 ? 8 << 10 : 0);
        client.say(std::array{"re", "en", "cl"}[static_cast<std::size_t>(n + i) % 3]);
        if (i % 2 == 0) client.say("unread");
        if (i % 4 == 0) client.end();
        whole += client.hear_all() == pattern(reply);
      }
    });
  }
  for (std::thread& t : crowd) t.join();
  EXPECT_EQ(whole, 16 * 12);
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
}

TEST(Relay, PassesTheClientsResetOn) {
  std::promise<bool> reset;
  backend server([&](peer& with) {
    with.say("a");
    with.hear_all();
    reset.set_value(with.was_reset());
  });
  rig r({server.where()});
  r.start();
  peer client = r.client();
  EXPECT_EQ(client.hear(1), "a");
  client.reset();
  EXPECT_TRUE(reset.get_future().get());
}

TEST(Relay, SurvivesClientsWhoGoInTheMiddleAndLeaksNothing) {
  backend server([](peer& with) {
    with.hear(1);
    const std::string some = pattern(4 * mebi);
    while (with.say(some)) {
    }
  });
  rig r({server.where()});
  r.start();
  const auto before = open_descriptors();
  for (int i = 0; i < 60; ++i) {
    peer client = r.client();
    client.say("s");
    EXPECT_EQ(client.hear(1000).size(), 1000);
    client.reset();
  }
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
  server.stop();
  EXPECT_LE(open_descriptors(), before + 2 * 32);  // pipes that are kept for the next
}

TEST(Relay, LosesNoByteToUrgentData) {
  backend server([](peer& with) { with.say(with.hear_all()); });
  rig r({server.where()});
  r.start();
  peer client = r.client();
  client.say("before ");
  EXPECT_EQ(send(client.fd(), "!", 1, MSG_OOB), 1);
  client.say(" after");
  client.end();
  EXPECT_EQ(client.hear_all(), "before ! after");
}

TEST(Relay, AnswersOneByteQuestionsManyTimes) {
  backend server(echo);
  rig r({server.where()});
  r.start();
  peer client = r.client();
  for (int i = 0; i < 2000; ++i) {
    client.say("q");
    ASSERT_EQ(client.hear(1), "q");
  }
}

// Bulk, small, bulk: the way through the kernel is taken up and left again.
TEST(Relay, ChangesBetweenBulkAndTalk) {
  backend server(echo);
  rig r({server.where()});
  r.start();
  peer client = r.client();
  for (const std::size_t size : {4 * mebi, std::size_t{10}, 3 * mebi, std::size_t{1}, 64 * 1024 * std::size_t{3}}) {
    const std::string said = pattern(size);
    std::thread talking([&] { client.say(said); });
    EXPECT_TRUE(client.hear(size) == said) << size;
    talking.join();
  }
}

}  // namespace

}  // namespace holdfast
