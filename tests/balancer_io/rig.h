// A worker on loopback, told what a control thread would tell it.
#pragma once

#include <future>

#include "balancer/sockets/listener_io.h"
#include "balancer/worker/worker_io.h"
#include "tests/balancer/made_pool.h"
#include "tests/balancer_io/backend.h"

namespace holdfast {

class rig {
 public:
  // The pool of service 1; change it before start().
  pool made;

  explicit rig(const std::vector<endpoint>& servers, const std::function<void(service_settings&)>& wanted = {},
               std::uint64_t files = 1 << 16)
      : made(made_pool(servers.size())), files_(files) {
    if (wanted) wanted(made.policy);
    made.service = 1;
    for (std::size_t i = 0; i < servers.size(); ++i) made.servers[i].where = servers[i];
  }

  // Opens a listener and lets clients in. socket_buffer: of accepted sockets, 0 = as the kernel likes.
  void start(const endpoint& at = loopback(), int socket_buffer = 0) {
    adopt();
    auto listener = open_listening_socket(at, 512);
    ASSERT_TRUE(listener) << listener.error().message();
    if (socket_buffer > 0) set_option(listener->get(), SOL_SOCKET, SO_RCVBUF, socket_buffer);
    if (socket_buffer > 0) set_option(listener->get(), SOL_SOCKET, SO_SNDBUF, socket_buffer);
    where_ = at.path.empty() ? local_name(listener->get()) : at;
    listening_ = listener->release();
    work_.post(open_listener{.listener = 7, .service = 1, .fd = listening_, .where = where_});
  }

  void adopt() { work_.post(adopt_pool{std::make_shared<const pool>(made)}); }

  const endpoint& where() const { return where_; }
  int listening() const { return listening_; }  // the worker's descriptor
  worker& work() { return work_; }
  peer client(int buffer = 0) { return peer::to(where_, buffer); }
  server_live& server(std::size_t i) { return *made.servers[i].live; }
  service_live& live() { return *made.live; }

  // Nothing is left: no connection is counted anywhere.
  bool at_rest() {
    bool rest = live().connections == 0 && work_.live().connections == 0;
    for (const auto& s : made.servers) rest = rest && s.live->connections == 0;
    return rest;
  }

  template <class Report>
  std::vector<Report> reports() {
    const std::lock_guard guard(lock_);
    std::vector<Report> found;
    for (const worker_report& r : reports_) {
      if (const auto* one = std::get_if<Report>(&r)) found.push_back(*one);
    }
    return found;
  }

  std::string log() {
    std::string all;
    for (const auto& lines : reports<log_lines>()) all += lines.text;
    return all;
  }

  std::vector<connection_row> connections(const connection_query& which = {}) {
    std::promise<std::vector<connection_row>> promised;
    auto rows = promised.get_future();
    work_.post(
        list_connections{[&](std::vector<connection_row> listed) { promised.set_value(std::move(listed)); }, which});
    return rows.get();
  }

  bool close(std::uint64_t connection) {
    std::promise<bool> promised;
    auto known = promised.get_future();
    work_.post(close_flow{connection, [&](bool closed) { promised.set_value(closed); }});
    return known.get();
  }

 private:
  std::mutex lock_;
  std::vector<worker_report> reports_;
  endpoint where_;
  int listening_ = -1;
  descriptor_budget files_;
  worker work_{3,
               [this](worker_report& r) {
                 const std::lock_guard guard(lock_);
                 reports_.push_back(std::move(r));
                 return true;
               },
               files_};
};

}  // namespace holdfast
