#include "balancer/health/server_check_io.h"

#include "base/clock_io.h"

namespace holdfast {

server_check::server_check(boost::asio::io_context& io, probe_target where, std::shared_ptr<const pool> of,
                           std::uint64_t seed, std::shared_ptr<reach_live> live, news_call news, sweep_call sweep)
    : io_(io),
      where_(std::move(where)),
      of_(std::move(of)),
      live_(std::move(live)),
      news_(std::move(news)),
      sweep_(std::move(sweep)),
      driver_(io, health(of_->policy.check, seed, monotonic_now(), of_->policy.server_down),
              [this](const health::effect& order) { std::visit([this](const auto& o) { perform(o); }, order); }) {
  live_->up.store(true, std::memory_order_relaxed);  // as its machine begins
}

void server_check::change(probe_target where, std::shared_ptr<const pool> of) {
  where_ = std::move(where);
  of_ = std::move(of);
  driver_.feed(health::changed{of_->policy.check, of_->policy.server_down});
}

void server_check::connect_failed() { driver_.feed(health::connect_failed{}); }

void server_check::stop() {
  driver_.stop();
  live_->up.store(true, std::memory_order_relaxed);
}

void server_check::perform(const health::moved& order) {
  if (order.up) live_->returned_at.store(monotonic_now().time_since_epoch().count(), std::memory_order_relaxed);
  live_->up.store(order.up, std::memory_order_relaxed);
  news_(order.up ? server_news::up : server_news::down, last_why_);
}

void server_check::perform(const health::forgive&) {
  live_->well_at.store(began_.time_since_epoch().count(), std::memory_order_relaxed);
  if (live_->end_blacklisting(mark_, monotonic_now())) news_(server_news::returned, {});
}

void server_check::perform(const health::probe&) {
  began_ = monotonic_now();
  mark_ = live_->blacklisted_until.load(std::memory_order_relaxed);
  // A probe that has no answer when the next one is due has failed.
  probe_server(io_, where_, of_, of_->policy.check.every,
               [self = shared_from_this()](probe_outcome how, const std::string& why) {
                 self->last_why_ = why;
                 if (how == probe_outcome::failed) {
                   self->live_->ill_at.store(self->began_.time_since_epoch().count(), std::memory_order_relaxed);
                 }
                 switch (how) {
                   case probe_outcome::passed: return self->driver_.feed(health::probe_passed{});
                   case probe_outcome::failed: return self->driver_.feed(health::probe_failed{});
                   case probe_outcome::spoiled: return self->driver_.feed(health::probe_spoiled{});
                 }
               });
}

}  // namespace holdfast
