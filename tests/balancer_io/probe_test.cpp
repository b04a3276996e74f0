#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/resource.h>

#include <functional>
#include <optional>
#include <thread>

#include "balancer/health/probe_io.h"
#include "tests/balancer/made_pool.h"
#include "tests/balancer_io/backend.h"

namespace holdfast {

namespace {

struct seen_outcome {
  probe_outcome how = probe_outcome::spoiled;
  std::string why;
};

seen_outcome probed(const probe_target& where, const std::function<void(service_settings&)>& wanted = {},
                    bool source_moves = false) {
  service_settings policy;
  policy.check.how = check_kind::tcp;
  if (wanted) wanted(policy);
  auto of = std::make_shared<pool>(made_pool(1, policy));
  of->source_moves = source_moves;
  boost::asio::io_context io;
  seen_outcome seen;
  int answers = 0;
  probe_server(io, where, of, 500ms, [&](probe_outcome how, std::string why) {
    seen = {how, std::move(why)};
    ++answers;
  });
  EXPECT_EQ(answers, 0) << "never from within";
  io.run();
  EXPECT_EQ(answers, 1);
  return seen;
}

void ask_http(service_settings& policy) {
  policy.check.how = check_kind::http;
  policy.check.path = "/health";
}

backend::conversation answers(std::string status_line) {
  return [status_line = std::move(status_line)](peer& with) {
    std::string heard;
    while (!heard.ends_with("\r\n\r\n")) {
      const std::string more = with.hear(1);
      if (more.empty()) return;
      heard += more;
    }
    EXPECT_TRUE(heard.starts_with("GET /health HTTP/1.0\r\n")) << heard;
    with.say(status_line + "\r\n\r\n");
  };
}

TEST(Probe, FindsAServerAliveThatTakesConnections) {
  backend a(echo);
  EXPECT_EQ(probed(a.where()).how, probe_outcome::passed);
}

TEST(Probe, SaysWhyAServerIsDead) {
  descriptor closed(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const socket_address any(loopback());
  ASSERT_EQ(bind(closed.get(), any.get(), any.length), 0);
  const seen_outcome seen = probed(local_name(closed.get()));
  EXPECT_EQ(seen.how, probe_outcome::failed);
  EXPECT_EQ(seen.why, "Connection refused");
}

TEST(Probe, WaitsNoLongerThanItMay) {
  black_hole a;
  EXPECT_EQ(probed(a.where()).why, "no answer in time");
}

TEST(Probe, JudgesTheStatusOfAnHttpAnswer) {
  backend well(answers("HTTP/1.1 204 No Content")), ill(answers("HTTP/1.1 503 Service Unavailable"));
  EXPECT_EQ(probed(well.where(), ask_http).how, probe_outcome::passed);
  const seen_outcome seen = probed(ill.where(), ask_http);
  EXPECT_EQ(seen.how, probe_outcome::failed);
  EXPECT_EQ(seen.why, "status 503");
  const auto expects_503 = [](service_settings& policy) {
    ask_http(policy);
    policy.check.expect_low = policy.check.expect_high = 503;
  };
  EXPECT_EQ(probed(ill.where(), expects_503).how, probe_outcome::passed);
}

// The Host header that a server sees.
std::string seen_host(const std::function<probe_target(const endpoint&)>& target,
                      const std::function<void(service_settings&)>& more = {}) {
  std::string heard;
  backend a([&](peer& with) {
    while (!heard.ends_with("\r\n\r\n")) heard += with.hear(1);
    with.say("HTTP/1.0 200 OK\r\n\r\n");
  });
  const auto settings = [&](service_settings& policy) {
    ask_http(policy);
    if (more) more(policy);
  };
  EXPECT_EQ(probed(target(a.where()), settings).how, probe_outcome::passed);
  EXPECT_TRUE(eventually([&] { return a.conversations() == 1; }));
  const std::string port = ':' + std::to_string(a.where().port);
  a.stop();
  std::string host = heard.substr(heard.find("\r\nHost: ") + 8);
  host.resize(host.find("\r\n"));
  if (const auto at = host.find(port); at != host.npos) host.replace(at, port.size(), ":PORT");
  return host;
}

TEST(Probe, AsksByTheNameThatIsConfigured) {
  const auto here = [](const endpoint& where) { return probe_target(where); };
  const auto named = [](const endpoint& where) { return probe_target({where}, "app.example.test"); };
  EXPECT_EQ(seen_host(here), "127.0.0.1:PORT");
  EXPECT_EQ(seen_host(named), "app.example.test:PORT");
  EXPECT_EQ(seen_host(named, [](auto& policy) { policy.check.host = "other.test"; }), "other.test");
}

TEST(Probe, AsksAtThePortOfTheCheck) {
  backend a(echo);
  endpoint elsewhere = a.where();
  elsewhere.port = 1;
  EXPECT_EQ(probed(elsewhere).how, probe_outcome::failed);
  EXPECT_EQ(probed(elsewhere, [&](auto& policy) { policy.check.port = a.where().port; }).how, probe_outcome::passed);
}

TEST(Probe, SkipsInterimAnswers) {
  backend a(answers("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK"));
  backend b(answers("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy"));
  EXPECT_EQ(probed(a.where(), ask_http).how, probe_outcome::passed);
  EXPECT_EQ(probed(b.where(), ask_http).why, "status 503");
}

TEST(Probe, JudgesByTheStatusThoughTheHeadGoesOn) {
  backend a(answers("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'h')));
  EXPECT_EQ(probed(a.where(), ask_http).how, probe_outcome::passed);
}

TEST(Probe, PutsAnAnswerTogetherThatComesByteByByte) {
  backend a([](peer& with) {
    std::string heard;  // all of it: a close with words unread is a reset
    while (!heard.ends_with("\r\n\r\n")) heard += with.hear(1);
    for (const char c : std::string_view("HTTP/1.1 200 OK\r\n\r\n")) {
      with.say(std::string(1, c));
      std::this_thread::yield();
    }
  });
  EXPECT_EQ(probed(a.where(), ask_http).how, probe_outcome::passed);
}

TEST(Probe, FindsAServerAliveOfWhichOnePlaceAnswers) {
  backend a(echo), b(echo);
  black_hole silent;
  endpoint closed = a.where();
  closed.port = 1;
  EXPECT_EQ(probed(probe_target({closed, a.where()}, "")).how, probe_outcome::passed);
  EXPECT_EQ(probed(probe_target({silent.where(), a.where()}, "")).how, probe_outcome::passed);
  EXPECT_EQ(probed(probe_target({a.where(), closed}, "")).how, probe_outcome::passed);
  EXPECT_EQ(probed(probe_target({closed, closed}, "")).why, "Connection refused");
}

// Its listener's queue is full, so it is there.
TEST(Probe, IsSpoiledByTheFullQueueOfAUnixSocket) {
  const std::string path = testing::TempDir() + "holdfast-full-" + std::to_string(getpid());
  const endpoint where{.host = {}, .port = 0, .path = path};
  const socket_address at(where);
  const auto made = [] { return descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); };
  const descriptor listening = made(), waiting = made();
  ASSERT_EQ(bind(listening.get(), at.get(), at.length), 0);
  ASSERT_EQ(listen(listening.get(), 0), 0);
  ASSERT_EQ(connect(waiting.get(), at.get(), at.length), 0);
  EXPECT_EQ(probed(where).how, probe_outcome::spoiled);
  unlink(path.c_str());
}

TEST(Probe, AsksOverUnixSockets) {
  const std::string path = testing::TempDir() + "holdfast-probe-" + std::to_string(getpid());
  {
    backend a(answers("HTTP/1.1 200 OK"), {.host = {}, .port = 0, .path = path});
    EXPECT_EQ(probed(a.where()).how, probe_outcome::passed);
    EXPECT_EQ(probed(a.where(), ask_http).how, probe_outcome::passed);
  }
  EXPECT_EQ(probed(endpoint{.host = {}, .port = 0, .path = path}).why, "Connection refused");
  unlink(path.c_str());
}

TEST(Probe, IsSpoiledWhenWeHaveNoDescriptorLeft) {
  backend a(echo);
  boost::asio::io_context io;
  const boost::asio::steady_timer started(io);  // Asio's own descriptors are there already, as in a running daemon
  service_settings policy;
  policy.check.how = check_kind::tcp;
  const auto of = std::make_shared<const pool>(made_pool(1, policy));
  std::optional<seen_outcome> seen;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const descriptor last(dup(STDERR_FILENO));  // the lowest number that is free
  const rlimit full{.rlim_cur = static_cast<rlim_t>(last.get()), .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &full), 0);
  probe_server(io, a.where(), of, 500ms, [&](probe_outcome how, std::string why) { seen = {how, std::move(why)}; });
  io.run();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->how, probe_outcome::spoiled);
  EXPECT_EQ(seen->why, "Too many open files");
}

// What a server sees of a check from that source.
std::string seen_source(const char* source, bool moves) {
  std::string from;
  backend a([&](peer& with) {
    from = with.other().host.text();
    with.hear_all();
  });
  const auto with_source = [&](service_settings& policy) { policy.source = *address::parse(source); };
  EXPECT_EQ(probed(a.where(), with_source, moves).how, probe_outcome::passed);
  EXPECT_TRUE(eventually([&] { return a.conversations() == 1; }));
  a.stop();
  return from;
}

TEST(Probe, ComesFromTheSourceAddressAsClientsDo) {
  EXPECT_EQ(seen_source("127.0.0.5", false), "127.0.0.5");
  EXPECT_EQ(seen_source("127.0.0.1", true), "127.0.0.1") << "that moves, and is here";
}

TEST(Probe, ComesFromTheNodesOwnAddressWhileTheSourceIsElsewhere) {
  EXPECT_EQ(seen_source("192.0.2.80", true), "127.0.0.1");
  backend a(echo);
  const seen_outcome seen = probed(a.where(), [](auto& policy) { policy.source = *address::parse("192.0.2.80"); });
  EXPECT_EQ(seen.how, probe_outcome::failed) << "that no role brings";
  EXPECT_EQ(seen.why, "Cannot assign requested address");
}

}  // namespace

}  // namespace holdfast
