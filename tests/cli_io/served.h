// A control server on a thread of its own in a folder of its own, and a plain caller for it.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <future>
#include <string>
#include <thread>

#include "base/ensure.h"
#include "cli/control/control_io.h"
#include "tests/places.h"

namespace holdfast {

inline const std::string hfctl_path = own_build() + "/hfctl";

class folder {
 public:
  folder() {
    std::string pattern = "/tmp/holdfast-control-XXXXXX";
    ensure(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  ~folder() { std::filesystem::remove_all(path_); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  std::string file(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

// Runs an io_context; everything about a control_server is said through on_thread().
class loop_thread {
 public:
  loop_thread() : work_(io.get_executor()), thread_([this] { io.run(); }) {}
  ~loop_thread() {
    work_.reset();
    io.stop();
    thread_.join();
  }
  loop_thread(const loop_thread&) = delete;
  loop_thread& operator=(const loop_thread&) = delete;

  template <class F>
  auto on_thread(F f) {
    std::packaged_task<decltype(f())()> task(std::move(f));
    auto done = task.get_future();
    boost::asio::post(io, [&task] { task(); });
    return done.get();
  }

  boost::asio::io_context io;

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

class talker {
 public:
  explicit talker(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    path.copy(where.sun_path, sizeof where.sun_path - 1);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
  }
  explicit talker(int connected) : socket_(connected), connected_(true) {}
  ~talker() { ::close(socket_); }
  talker(const talker&) = delete;
  talker& operator=(const talker&) = delete;

  bool connected() const { return connected_; }
  void say(std::string_view what) const { ::send(socket_, what.data(), what.size(), MSG_NOSIGNAL); }
  void say_no_more() const { ::shutdown(socket_, SHUT_WR); }

  // Everything until the end; "..." is added when the end does not come within 20 s.
  std::string hear() const {
    std::string out;
    for (char buffer[65536];;) {
      pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
      if (::poll(&ready, 1, 20'000) != 1) return out + "...";
      const ssize_t bytes = ::recv(socket_, buffer, sizeof buffer, 0);
      if (bytes <= 0) return out;
      out.append(buffer, static_cast<std::size_t>(bytes));
    }
  }

  std::string ask(std::string_view what) const {
    say(what);
    return hear();
  }

 private:
  int socket_;
  bool connected_ = false;
};

// A server at `path`, in a folder of its own unless told otherwise, listening. Its handler answers "LINE|\n" unless
// another is given.
class served {
 public:
  using handler = control_server::handler_type;

  explicit served(control_limits limits = {}, handler h = echo(), const std::string& at = "")
      : path(at.empty() ? folder_.file("control.sock") : at) {
    server = loop_.on_thread([&] { return std::make_unique<control_server>(loop_.io, std::move(h), limits); });
    const auto listening = loop_.on_thread([&] { return server->listen_unix(path, 0666); });
    ensure(listening.has_value());
  }
  ~served() {
    loop_.on_thread([this] { server.reset(); });
  }
  served(const served&) = delete;
  served& operator=(const served&) = delete;

  static handler echo() {
    return [](const caller&, std::string_view line, const control_server::respond_type& respond) {
      respond({.pen = std::string(line) + "|\n"});
    };
  }

  template <class F>
  auto on_thread(F f) {
    return loop_.on_thread(std::move(f));
  }

 private:
  folder folder_;
  loop_thread loop_;

 public:
  const std::string path;
  std::unique_ptr<control_server> server;
};

}  // namespace holdfast
