// The balancer as a whole, without its process.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "balancer/daemon/daemon_io.h"
#include "tests/cli_io/served.h"

namespace holdfast {

class program {
 public:
  // pen: it is started as Pen, and has such a file to read on HUP.
  explicit program(settings wanted = {}, const std::string& pen = {}) {
    auto& web = wanted.services["web"];
    web.name = "web";
    web.listeners = {{.host = "127.0.0.1", .port = "0", .path = ""}};
    web.servers = {{.name = "0", .where = {.host = "127.0.0.1", .port = "9", .path = ""}}};
    wanted.workers = 2;
    daemon_options with;
    with.socket = socket();
    with.socket_required = true;
    with.node = "lb1";
    with.base = wanted;
    with.pen = !pen.empty();
    if (with.pen) std::ofstream(with.config_file = folder_.file("pen.cfg")) << pen;
    running_ = std::make_unique<daemon>(io_, with, wanted);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~program() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  void stop() {
    boost::asio::post(io_, [this] { running_->stop(); });
  }
  void wait_for_the_end() { thread_.join(); }
  std::string socket() const { return folder_.file("balancer.sock"); }
  std::string agents() const { return folder_.file(link_socket_name); }
  std::string file(const std::string& name) const { return folder_.file(name); }
  std::string answer(const std::string& line) const { return talker(socket()).ask(line + '\n'); }

 private:
  folder folder_;
  boost::asio::io_context io_{1};
  std::unique_ptr<daemon> running_;
  std::thread thread_;
};

}  // namespace holdfast
