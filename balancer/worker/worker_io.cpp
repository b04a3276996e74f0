#include "balancer/worker/worker_io.h"

#include <algorithm>
#include <csignal>
#include <deque>
#include <iterator>
#include <random>
#include <span>
#include <thread>
#include <tuple>

#include "balancer/dummy/dummy_io.h"
#include "balancer/engine/access_lines_io.h"
#include "balancer/relay/flow_io.h"
#include "balancer/worker/acceptor_io.h"
#include "base/clock_io.h"
#include "base/loop/mailbox_io.h"

namespace holdfast {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr std::size_t mailbox_limit = 4096;
constexpr std::int64_t own_files = 3;                           // epoll's, the mailbox's, the spare
constexpr duration idle_turn = std::chrono::milliseconds(100);  // an idle loop turns that often

std::uint64_t fresh_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

// Signals are for the control thread; and splice to a socket that nobody reads any more can only say so with SIGPIPE.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

// Nobody took the socket that this order owns.
void close_refused(worker_order& order) {
  if (const auto* o = std::get_if<open_listener>(&order)) descriptor(o->fd).reset();
  if (const auto* o = std::get_if<attach_agent>(&order)) descriptor(o->fd).reset();
}

}  // namespace

struct worker::impl {
  impl(unsigned number, std::function<bool(worker_report&)> report, descriptor_budget& files);

  void run();
  void turn();
  void admit(descriptor client, const endpoint& from, const endpoint& listener, pool_use& use);
  duration patience() const;
  void dispatch(const readiness& r);
  void dispatch_all(std::span<const epoll_event> events);
  void take_orders();
  void handle_some();
  void close_all();

  void handle(adopt_pool& order);
  void handle(adopt_country& order) { context.countries = std::move(order.what); }
  void handle(access_logging& order) { lines.set(order); }
  void handle(dump_traffic& order) { flows.dump(order); }
  void handle(open_listener& order) { clients.open(std::move(order)); }
  void handle(close_listener& order) { clients.close(order.listener); }
  void handle(close_flows& order);
  void handle(close_silent& order) { flows.close(order); }
  void handle(close_flow& order);
  void handle(list_connections& order) { flows.list(std::move(order)); }
  void handle(attach_agent& order) { context.pulse.attach(descriptor(order.fd), context.now); }
  void handle(stop_worker&) { stopping = true; }

  template <class F>
  void each_engine(F f) const {
    std::apply([&](auto&... one) { (f(one), ...); }, engines);
  }

  worker_context context;
  mailbox<worker_order> orders{mailbox_limit};
  std::deque<worker_order> taken;  // from there, and not yet carried out
  access_lines lines{context};
  flow_driver flows{context, lines, fresh_seed()};
  dummy_site dummies{context};
  std::tuple<flow_driver&, dummy_site&> engines{flows, dummies};
  acceptor clients;
  bool stopping = false;
  std::thread thread;
};

worker::impl::impl(unsigned number, std::function<bool(worker_report&)> report, descriptor_budget& files)
    : context(number, coarse_now(), steady_ms(), std::move(report), files),
      clients(context, [this](descriptor client, const endpoint& from, const endpoint& listener, pool_use& use) {
        admit(std::move(client), from, listener, use);
      }) {
  files.hold(own_files);
  context.sockets.watch(orders.fd(), {.kind = watched::orders, .slot = 0, .stamp = 0});
}

void worker::impl::admit(descriptor client, const endpoint& from, const endpoint& listener, pool_use& use) {
  each_engine([&]<engine E>(E& one) {
    if (E::serves(use.what->policy)) one.admit(std::move(client), from, listener, use);
  });
}

duration worker::impl::patience() const {
  if (!taken.empty()) return duration::zero();
  duration most = clients.waiting() ? acceptor::tick : idle_turn;
  const auto until = [&](std::optional<instant> due) {
    if (due) most = std::min(most, *due - context.now);
  };
  each_engine([&](const engine auto& one) { until(one.due()); });
  until(lines.due());
  until(context.pulse.due());
  return std::max(most, duration::zero());
}

void worker::impl::run() {
  block_signals();
  while (!stopping) turn();
  close_all();
  lines.flush();
}

void worker::impl::close_all() {
  clients.close_all();
  each_engine([](engine auto& one) { one.close_all(); });
  for (bool closes = true; closes;) {
    context.breathe();
    closes = false;
    each_engine([&](engine auto& one) {
      one.close_some();
      one.reap();
      closes |= one.closes();
    });
  }
}

void worker::impl::turn() {
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(patience());
  const auto events = context.sockets.wait(static_cast<int>(wait.count()));
  context.steady = steady_ms();
  context.live.beats.store(context.live.beats.load(relaxed) + 1, relaxed);  // nobody else writes it
  context.breathe();
  dispatch_all(events);
  handle_some();
  each_engine([](engine auto& one) { one.turn(); });
  context.breathe();
  clients.look_again();
  if (const auto due = lines.due(); due && context.now >= *due) lines.flush();
  each_engine([](engine auto& one) { one.reap(); });
}

void worker::impl::dispatch_all(std::span<const epoll_event> events) {
  constexpr std::size_t at_once = 32;
  for (std::size_t i = 0; i < events.size(); ++i) {
    dispatch(poller::read(events[i]));
    if (i % at_once == at_once - 1) context.breathe();
  }
}

void worker::impl::dispatch(const readiness& r) {
  const auto takes = [&]<engine E>(E& one) {
    if (r.whose.kind == E::kind) one.ready(r);
    return r.whose.kind == E::kind;
  };
  if (std::apply([&](auto&... one) { return (takes(one) || ...); }, engines)) return;
  if (r.whose.kind == watched::listener) return clients.ready(r);
  take_orders();
}

void worker::impl::take_orders() {
  auto come = orders.drain();
  taken.insert(taken.end(), std::move_iterator(come.begin()), std::move_iterator(come.end()));
}

void worker::impl::handle_some() {
  for (time_slice time(slice); !taken.empty() && !stopping && !time.over(); taken.pop_front()) {
    std::visit([this](auto& o) { handle(o); }, taken.front());
  }
}

void worker::impl::handle(adopt_pool& order) {
  const std::uint32_t service = order.what->service;
  context.known.adopt(std::move(order.what));
  clients.renew(service);
}

void worker::impl::handle(close_flow& order) {
  const bool known = flows.close_flow(order.id);
  if (order.done) order.done(known);
}

// A service that listens no more and whose connections are all to be closed is gone.
void worker::impl::handle(close_flows& order) {
  const bool all = !order.server && !order.client && !order.at;
  if (!all || clients.listens(order.service)) return flows.close(order);
  each_engine([&](engine auto& one) { one.close_service(order.service); });
  context.known.forget(order.service);
}

worker::worker(unsigned number, std::function<bool(worker_report&)> report, descriptor_budget& files)
    : impl_(std::make_unique<impl>(number, std::move(report), files)) {
  impl_->thread = std::thread([this] { impl_->run(); });
}

worker::~worker() {
  tell(stop_worker{});
  impl_->thread.join();
  impl_->context.files.give_back(own_files);
  for (worker_order& order : impl_->taken) close_refused(order);
  for (worker_order& order : impl_->orders.drain()) close_refused(order);
}

bool worker::post(worker_order order) {
  if (impl_->orders.push(order)) return true;
  close_refused(order);
  return false;
}

void worker::tell(worker_order order) { impl_->orders.add(std::move(order)); }

void worker::nudge() { impl_->orders.nudge(); }

const worker_live& worker::live() const { return impl_->context.live; }

}  // namespace holdfast
