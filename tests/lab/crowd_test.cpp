// Thousands of connections that end at once, and the heartbeat of the worker that has them.
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <thread>

#include "base/clock_io.h"
#include "base/local_socket_io.h"
#include "tests/lab/scene.h"
#include "tests/lab/socket_address_io.h"

namespace holdfast::lab {
namespace {

constexpr int many = 9000;

// Hears the beats of worker 0, as an agent does; and how late this machine lets us look, and lets the control thread
// beat, which has nothing to do.
class beat_watch {
 public:
  explicit beat_watch(const std::filesystem::path& agent_socket) {
    auto called = call_local(agent_socket.string());
    if (!called) throw std::runtime_error(called.error());
    fd_ = std::move(*called);
    thread_ = std::thread([this] { run(); });
  }
  ~beat_watch() { stop(); }
  beat_watch(const beat_watch&) = delete;
  beat_watch& operator=(const beat_watch&) = delete;

  // Whether it was, as far as the machine lets us tell.
  bool saw_no_late_beat(const char* when) {
    stop();
    const auto ms = [](duration d) { return std::chrono::duration<double, std::milli>(d).count(); };
    const duration noise = std::max({own_delay_, control_.longest - beat_interval, duration::zero()});
    std::printf("[  figure  ] %s of %d connections: longest between two beats %.0f ms, noise of the machine %.0f ms\n",
                when, many, ms(worker_.longest), ms(noise));
    EXPECT_GT(worker_.count, 10);
    return worker_.longest < beat_interval + 20ms + noise;
  }

 private:
  struct pulse {
    std::optional<instant> last;
    duration longest{};
    int count = 0;
    void take(instant now) {
      if (last) longest = std::max(longest, now - *last);
      last = now;
      ++count;
    }
  };

  void stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }

  void run() {
    constexpr duration look = 2ms;
    for (instant before = monotonic_now(); !stopping_;) {
      std::this_thread::sleep_for(look);
      const instant now = monotonic_now();
      own_delay_ = std::max(own_delay_, now - before - look);
      before = now;
      packet bytes;
      while (take_packet(fd_.get(), bytes) == taken::whole) {
        const auto what = decode(bytes);
        if (what && *what == link_message(beat{.worker = 0})) worker_.take(now);
        if (what && *what == link_message(beat{.worker = control_thread})) control_.take(now);
      }
    }
  }

  descriptor fd_;
  std::atomic<bool> stopping_ = false;
  pulse worker_, control_;
  duration own_delay_{};
  std::thread thread_;
};

// A server that takes connections and says nothing.
class silent_server {
 public:
  explicit silent_server(const host& where) : listener_(where.socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC)) {
    file_limit();
    const socket_address any(endpoint{.host = address::v4(0), .port = 81, .path = {}});
    if (::bind(listener_.get(), any.get(), any.length) != 0 || ::listen(listener_.get(), 4096) != 0)
      throw std::runtime_error("no silent server");
    thread_ = std::thread([this] {
      for (;;) {
        descriptor one(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!one) return;
        held_.push_back(std::move(one));
      }
    });
  }
  ~silent_server() { cut(); }
  silent_server(const silent_server&) = delete;
  silent_server& operator=(const silent_server&) = delete;

  // Every connection is reset.
  void cut() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    for (const descriptor& one : held_) ::setsockopt(one.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    held_.clear();
  }

 private:
  descriptor listener_;
  std::vector<descriptor> held_;
  std::thread thread_;
};

// A balancer with many connections to one server, and their end.
class crowd {
 public:
  explicit crowd(const std::string& more) {
    lb_ = std::make_unique<watched_balancer>(
        bed_,
        "workers 1\nservice other\nlisten 192.0.2.80:90\nserver 0 address 10.0.1.11 port 81\n"
        "service web\nlisten 192.0.2.80:80\nconn_max 20000\npending_max 20000\npending_total 20000\nbacklog 4096\n" +
            more + "server 0 address 10.0.1.11 port 81\n");
    for (const address& client : testbed::clients4(many)) {
      held_.emplace_back(bed_.crowd(), client, testbed::service4());
      held_.back().send("x");
    }
    EXPECT_TRUE(eventually([&] { return connections() == many; }, 20s)) << connections();
    beats_ = std::make_unique<beat_watch>(lb_->control_path().parent_path() / "agent.sock");
    std::this_thread::sleep_for(1s);  // of beats before
  }

  bool ends_without_late_beat(const char* when) {
    EXPECT_TRUE(eventually([&] { return connections() == 0; }, 60s)) << connections();
    std::this_thread::sleep_for(1s);  // of beats after
    return beats_->saw_no_late_beat(when);
  }

  watched_balancer& lb() { return *lb_; }
  silent_server& server() { return server_; }

 private:
  // Of the process, not of a service, which may be gone.
  int connections() {
    const std::string status = lb_->tell("--json status");
    int all = 0;
    for (std::size_t at = 0; (at = status.find("\"connections\":", at)) != status.npos; ++at)
      all += std::atoi(status.c_str() + at + 14);
    return all;
  }

  testbed bed_{1};
  silent_server server_{bed_.server(0).machine()};
  std::unique_ptr<watched_balancer> lb_;
  std::vector<conversation> held_;
  std::unique_ptr<beat_watch> beats_;
};

// A worker that does it all in one turn is late each time; a machine that has something else to do, now and then.
bool once_in_three(const char* when, const std::string& more, const std::function<void(crowd&)>& end) {
  for (int round = 0; round < 3 && !::testing::Test::HasFailure(); ++round) {
    crowd all(more);
    end(all);
    if (all.ends_without_late_beat(when)) return true;
  }
  return false;
}

TEST(ManyConnections, ClosedByOneOrderDelayNoBeat) {
  EXPECT_TRUE(once_in_three("close", "", [](crowd& all) { all.lb().tell("no service web"); }));
}

TEST(ManyConnections, EndedByOneTimerDelayNoBeat) {
  EXPECT_TRUE(once_in_three("idle end", "idle_timeout 12\n", [](crowd&) {}));
}

TEST(ManyConnections, CutByOneDeadServerDelayNoBeat) {
  EXPECT_TRUE(once_in_three("reset", "", [](crowd& all) { all.server().cut(); }));
}

}  // namespace
}  // namespace holdfast::lab
