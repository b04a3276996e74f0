#include "balancer/worker/worker_io.h"

#include <algorithm>
#include <csignal>
#include <deque>
#include <iterator>
#include <random>
#include <span>
#include <thread>

#include "balancer/engine/access_lines_io.h"
#include "balancer/dummy/dummy_io.h"
#include "balancer/relay/flow_io.h"
#include "balancer/worker/acceptor_io.h"
#include "balancer/loop/heartbeat_io.h"
#include "base/clock_io.h"
#include "base/loop/mailbox_io.h"

namespace holdfast {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr std::size_t mailbox_limit = 4096;
constexpr std::int64_t own_files = 3;                           // epoll's, the mailbox's, the spare
constexpr duration heartbeat = std::chrono::milliseconds(100);  // an idle loop turns that often

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
  impl(unsigned number, std::function<bool(worker_report&)> report, file_room& files);

  void run();
  void turn();
  duration patience() const;
  void sort(const readiness& r);
  void sort_all(std::span<const epoll_event> events);
  void breathe();
  void take_orders();
  void obey_some();
  void close_all();

  void obey(adopt_pool& order);
  void obey(adopt_country& order) { bench.countries = std::move(order.what); }
  void obey(access_logging& order) { lines.set(order); }
  void obey(open_listener& order) { doors.open(std::move(order)); }
  void obey(close_listener& order) { doors.close(order.listener); }
  void obey(close_flows& order);
  void obey(close_silent& order) { flows.close(order); }
  void obey(close_flow& order);
  void obey(list_connections& order) { flows.list(std::move(order)); }
  void obey(attach_agent& order) { pulse.attach(descriptor(order.fd), bench.now); }
  void obey(stop_worker&) { stopping = true; }

  workbench bench;
  mailbox<worker_order> orders{mailbox_limit};
  std::deque<worker_order> taken;  // from there, and not yet carried out
  access_lines lines{bench};
  flow_driver flows{bench, lines, fresh_seed()};
  dummy_site dummies{bench};
  acceptor doors;
  heart pulse;
  bool stopping = false;
  std::thread thread;
};

worker::impl::impl(unsigned number, std::function<bool(worker_report&)> report, file_room& files)
    : bench(number, coarse_now(), steady_ms(), std::move(report), files),
      doors(bench,
            [this](descriptor client, const endpoint& from, const endpoint& listener, pool_use& use) {
              if (use.what->policy.dummy) return dummies.admit(std::move(client), from, listener, use);
              flows.admit(std::move(client), from, listener.port, use);
            }),
      pulse(number) {
  files.hold(own_files);
  bench.sockets.watch(orders.fd(), {.kind = watched::orders, .slot = 0, .stamp = 0});
}

duration worker::impl::patience() const {
  if (flows.has_more() || dummies.has_more() || !taken.empty()) return duration::zero();
  duration most = doors.waiting() ? acceptor::tick : heartbeat;
  for (const auto& due : {flows.next_timer(), flows.next_release(), lines.due(), pulse.due()}) {
    if (due) most = std::min(most, *due - bench.now);
  }
  return std::max(most, duration::zero());
}

void worker::impl::run() {
  block_signals();
  while (!stopping) turn();
  close_all();
  lines.flush();
}

void worker::impl::close_all() {
  doors.close_all();
  flows.close_all();
  dummies.close_all();
  while (flows.closes() || dummies.has_more()) {
    breathe();
    flows.close_some();
    dummies.go_on();
    flows.bury();
    dummies.bury();
  }
}

void worker::impl::turn() {
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(patience());
  const auto events = bench.sockets.wait(static_cast<int>(wait.count()));
  bench.steady = steady_ms();
  bench.live.beats.store(bench.live.beats.load(relaxed) + 1, relaxed);  // nobody else writes it
  breathe();
  sort_all(events);
  obey_some();
  flows.release();
  flows.go_on();
  breathe();
  flows.expire();
  flows.see_off();
  flows.close_some();
  flows.list_some();
  breathe();
  dummies.go_on();
  doors.look_again();
  if (const auto due = lines.due(); due && bench.now >= *due) lines.flush();
  flows.bury();
  dummies.bury();
}

// Between the parts of a turn, which take some milliseconds each at most.
void worker::impl::breathe() {
  bench.now = coarse_now();
  pulse.beat_if_due(bench.now);
}

void worker::impl::sort_all(std::span<const epoll_event> events) {
  constexpr std::size_t at_once = 32;
  for (std::size_t i = 0; i < events.size(); ++i) {
    sort(poller::read(events[i]));
    if (i % at_once == at_once - 1) breathe();
  }
}

void worker::impl::sort(const readiness& r) {
  switch (r.whose.kind) {
    case watched::orders: return take_orders();
    case watched::listener: return doors.ready(r);
    case watched::flow: return flows.ready(r);
    case watched::dummy: return dummies.ready(r);
  }
}

void worker::impl::take_orders() {
  auto come = orders.drain();
  taken.insert(taken.end(), std::move_iterator(come.begin()), std::move_iterator(come.end()));
}

void worker::impl::obey_some() {
  for (time_slice time(slice); !taken.empty() && !stopping && !time.over(); taken.pop_front()) {
    std::visit([this](auto& o) { obey(o); }, taken.front());
  }
}

void worker::impl::obey(adopt_pool& order) {
  const std::uint32_t service = order.what->service;
  bench.known.adopt(std::move(order.what));
  doors.renew(service);
}

void worker::impl::obey(close_flow& order) {
  const bool known = flows.close_flow(order.id);
  if (order.done) order.done(known);
}

// A service that listens no more and whose flows are closed is gone.
void worker::impl::obey(close_flows& order) {
  flows.close(order);
  if (order.server || order.client || doors.listens(order.service)) return;
  dummies.close_service(order.service);
  bench.known.forget(order.service);
}

worker::worker(unsigned number, std::function<bool(worker_report&)> report, file_room& files)
    : impl_(std::make_unique<impl>(number, std::move(report), files)) {
  impl_->thread = std::thread([this] { impl_->run(); });
}

worker::~worker() {
  tell(stop_worker{});
  impl_->thread.join();
  impl_->bench.files.give_back(own_files);
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

const worker_live& worker::live() const { return impl_->bench.live; }

}  // namespace holdfast
