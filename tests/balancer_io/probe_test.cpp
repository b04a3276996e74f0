#include <boost/asio/steady_timer.hpp>
#include <sys/resource.h>

#include <functional>
#include <optional>

#include "balancer/choice/probe_io.h"
#include "tests/balancer/made_pool.h"
#include "tests/balancer_io/backend.h"

namespace holdfast {

namespace {

struct seen_outcome {
  probe_outcome how = probe_outcome::spoiled;
  std::string why;
};

seen_outcome probed(const endpoint& where, const std::function<void(service_settings&)>& wanted = {}) {
  service_settings policy;
  policy.check.how = check_kind::tcp;
  if (wanted) wanted(policy);
  boost::asio::io_context io;
  seen_outcome seen;
  int answers = 0;
  probe_server(io, where, std::make_shared<const pool>(made_pool(1, policy)), 500ms,
               [&](probe_outcome how, std::string why) {
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

TEST(Probe, AsksOverUnixSockets) {
  const std::string path = testing::TempDir() + "holdfast-probe-" + std::to_string(getpid());
  {
    backend a(answers("HTTP/1.1 200 OK"), {.host = {}, .port = 0, .path = path});
    EXPECT_EQ(probed(a.where()).how, probe_outcome::passed);
    EXPECT_EQ(probed(a.where(), ask_http).how, probe_outcome::passed);
  }
  EXPECT_EQ(probed({.host = {}, .port = 0, .path = path}).why, "Connection refused");
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

TEST(Probe, ComesFromTheSourceAddressAsClientsDo) {
  std::string from;
  backend a([&](peer& with) {
    from = with.other().host.text();
    with.hear_all();
  });
  EXPECT_EQ(probed(a.where(), [](auto& policy) { policy.source = address::v4(0x7f000005); }).how,
            probe_outcome::passed);
  EXPECT_TRUE(eventually([&] { return a.conversations() == 1; }));
  a.stop();
  EXPECT_EQ(from, "127.0.0.5");
}

}  // namespace

}  // namespace holdfast
