#include "balancer/worker/acceptor_io.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "balancer/sockets/blame.h"

namespace holdfast {

namespace {

constexpr int share = 64;  // clients of one listener in a turn
constexpr duration back_off = std::chrono::milliseconds(100);
constexpr duration between_reports = std::chrono::seconds(1);
constexpr auto relaxed = std::memory_order_relaxed;

std::string message(int error) { return std::generic_category().message(error); }

}  // namespace

acceptor::acceptor(worker_context& context, welcome let_in) : context_(context), let_in_(std::move(let_in)) {}

void acceptor::open(open_listener order) {
  listener l;
  l.number = order.listener;
  l.service = order.service;
  l.fd = descriptor(order.fd);
  l.where = std::move(order.where);
  l.stamp = context_.next_stamp();
  const ticket whose{watched::listener, order.listener, l.stamp};
  if (!context_.sockets.watch(l.fd.get(), whose)) return trouble(l, message(errno));
  context_.files.hold(1);
  listeners_.push_back(std::move(l));
  renew(order.service);
}

void acceptor::close(std::uint32_t number) {
  const auto found = std::find_if(listeners_.begin(), listeners_.end(), [&](auto& l) { return l.number == number; });
  if (found == listeners_.end()) return;
  found->pending = true;
  let_in(*found);
  context_.sockets.forget(found->fd.get());
  listeners_.erase(found);
  context_.files.give_back(1);
}

void acceptor::close_all() {
  while (!listeners_.empty()) close(listeners_.front().number);
}

void acceptor::renew(std::uint32_t service) {
  const pool_use* use = context_.known.newest(service);
  if (use == nullptr) return;
  for (const listener& l : listeners_) {
    if (l.service != service) continue;
    listen(l.fd.get(), static_cast<int>(use->what->policy.backlog));  // again: that moves the limit
    if (!l.where.path.empty()) continue;
    set_option(l.fd.get(), IPPROTO_TCP, TCP_NODELAY, use->what->policy.tcp_nodelay);
    ask_when_silent(l.fd.get(), use->what->policy);
  }
}

bool acceptor::listens(std::uint32_t service) const {
  return std::any_of(listeners_.begin(), listeners_.end(), [&](const auto& l) { return l.service == service; });
}

void acceptor::ready(const readiness& r) {
  for (listener& l : listeners_) {
    if (l.number == r.whose.slot && l.stamp == r.whose.stamp) l.pending = true;
  }
}

void acceptor::look_again() {
  waiting_ = 0;
  time_slice time(slice);
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    listener& l = listeners_[(first_ + i) % listeners_.size()];
    if (l.pending && context_.now >= l.not_before && !time.over()) let_in(l);
    if (l.pending) ++waiting_;
  }
  ++first_;
}

void acceptor::let_in(listener& l) {
  pool_use* use = context_.known.newest(l.service);
  if (use == nullptr) return;
  for (int i = 0; i < share && l.pending; ++i) {
    if (!take_place(l, *use)) return;
    if (accept_one(l, *use)) continue;
    use->what->live->connections.fetch_sub(1, relaxed);
    context_.files.give_back(files_of_client);
  }
}

// Counted first, so that all workers together never have more than conn_max.
bool acceptor::take_place(listener& l, pool_use& use) {
  service_live& live = *use.what->live;
  if (use.pending >= use.what->policy.pending_total) {
    stop(l, live.pending_full);
    return false;
  }
  if (live.connections.fetch_add(1, relaxed) >= use.what->policy.conn_max) {
    live.connections.fetch_sub(1, relaxed);
    stop(l, live.full);
    return false;
  }
  if (!take_files(l, use)) {
    live.connections.fetch_sub(1, relaxed);
    return false;
  }
  l.full = false;
  return true;
}

// A worker that has nobody lets one in even so: those who come to its listeners can't go to another worker.
bool acceptor::take_files(listener& l, pool_use& use) {
  const bool spare = context_.spare.ready();
  if (spare && context_.files.take(files_of_client)) return true;
  if (spare && context_.connections() == 0) {
    context_.files.hold(files_of_client);
    return true;
  }
  stop(l, use.what->live->no_files);
  trouble(l, spare
                 ? "the last " + std::to_string(context_.files.kept()) + " descriptors are for control, checks and logs"
                 : message(EMFILE));
  return false;
}

// Stops are counted, not looks.
void acceptor::stop(listener& l, std::atomic<std::uint64_t>& counter) {
  if (!std::exchange(l.full, true)) counter.fetch_add(1, relaxed);
}

bool acceptor::accept_one(listener& l, pool_use& use) {
  socket_address from;
  descriptor client(accept4(l.fd.get(), from.get(), &from.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (client) {
    let_in_(std::move(client), from.where(), l.where, use);
    return true;
  }
  const int error = errno;
  if (error == EAGAIN) l.pending = false;
  if (is_shortage(error)) {
    stop(l, use.what->live->no_files);
    trouble(l, message(error));
  }
  return false;  // whatever else it is, is the trouble of one client
}

void acceptor::trouble(listener& l, const std::string& why) {
  l.not_before = context_.now + back_off;
  if (context_.now < quiet_until_) return;
  quiet_until_ = context_.now + between_reports;
  worker_report told = accept_trouble{why};
  context_.report(told);
}

}  // namespace holdfast
