#include "balancer/farm/server_checks_io.h"

#include <algorithm>

#include "base/clock_io.h"

namespace holdfast {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

std::string text_of(const std::vector<endpoint>& some) {
  std::string out;
  for (const endpoint& one : some) out += (out.empty() ? "" : ",") + one.text();
  return out;
}

}  // namespace

std::vector<endpoint> check_targets(const server& s, std::uint16_t check_port, std::uint16_t port) {
  std::vector<endpoint> out;
  for (std::size_t i = 0; i < s.addresses(); ++i) {
    endpoint at = s.address_at(i);
    if (at.path.empty() && check_port != 0) at.port = check_port;
    if (at.path.empty() && at.port == 0) at.port = port;
    if (at.path.empty() && at.port == 0) return {};
    out.push_back(std::move(at));
  }
  return out;
}

void server_checks::renew(const std::shared_ptr<const pool>& of, std::uint16_t port) {
  of_ = of;
  const check_settings& how = of->policy.check;
  std::set<key> wanted;
  for (const server& s : of->servers) {
    if (!s.usable || how.how == check_kind::none) continue;
    const auto want = [&](std::uint16_t of_port, std::vector<endpoint> at, std::shared_ptr<reach_live> live) {
      const key which(s.id, of_port);
      if (!at.empty() && wanted.insert(which).second) run(which, s, std::move(at), std::move(live));
    };
    if (how.port != 0 || s.ports.empty()) want(0, check_targets(s, how.port, port), s.live);
    if (how.port != 0) continue;
    for (const auto& one : s.ports) want(one->port, check_targets(s, 0, one->port), one);
  }
  std::erase_if(all_, [&](const auto& entry) {
    if (wanted.contains(entry.first)) return false;
    entry.second.check->stop();
    return true;
  });
  for (const server& s : of->servers) {
    if (how.port == 0) sum_up(s);
  }
}

void server_checks::run(key which, const server& s, std::vector<endpoint> at, std::shared_ptr<reach_live> live) {
  running& one = all_[which];
  one.at = at;
  const probe_target target(std::move(at), s.host);
  if (one.check) return one.check->change(target, of_);
  const auto said = [this, which](server_news what, const std::string& why) { tell(which, what, why); };
  const std::uint64_t seed = seed_ ^ s.identity_hash ^ which.second;
  const auto swept = [this, which](bool closes) { sweep(which, closes); };
  one.check = std::make_shared<server_check>(io_, target, of_, seed, std::move(live), said, swept);
}

void server_checks::tell(key which, server_news what, const std::string& why) {
  const server* s = of_->find(which.first);
  if (s == nullptr) return;
  const std::string at = text_of(all_[which].at);
  if (what == server_news::down) s->reach(which.second).trouble = at + ": " + why;
  if (which.second != 0) sum_up(*s);
  heard_({s->name, at, what, why});
}

// One check speaks for all ports.
void server_checks::sweep(key which, bool closes) const {
  const server* s = of_->find(which.first);
  if (s == nullptr || s->live->up.load(relaxed)) return;
  if (which.second == 0 || which.second == s->ports.front()->port) sweep_(which.first, closes);
}

// A server with ports is up while one of them is.
void server_checks::sum_up(const server& s) {
  if (s.ports.empty()) return;
  const bool up = std::any_of(s.ports.begin(), s.ports.end(), [](const auto& one) { return one->up.load(relaxed); });
  if (s.live->up.exchange(up, relaxed) || !up) return;
  s.live->returned_at.store(monotonic_now().time_since_epoch().count(), relaxed);
}

void server_checks::connect_failed(server_id which) {
  for (auto at = all_.lower_bound({which, 0}); at != all_.end() && at->first.first == which; ++at) {
    at->second.check->connect_failed();
  }
}

void server_checks::stop() {
  for (auto& [which, one] : all_) one.check->stop();
  all_.clear();
}

}  // namespace holdfast
