#include "balancer/farm/server_checks_io.h"

#include <set>

#include "base/clock_io.h"

namespace holdfast {

void server_checks::renew(const std::shared_ptr<const pool>& of, std::uint16_t port) {
  of_ = of;
  std::set<check_key> wanted;
  for (planned_check& one : checks_of(*of, port)) {
    wanted.insert(one.which);
    run(one.which, *one.of, std::move(one.at), std::move(one.live));
  }
  std::erase_if(all_, [&](const auto& entry) {
    if (wanted.contains(entry.first)) return false;
    entry.second.check->stop();
    return true;
  });
  if (of->policy.check.port != 0) return;
  for (const server& s : of->servers) sum_up(s, monotonic_now());
}

void server_checks::run(check_key which, const server& s, std::vector<endpoint> at, std::shared_ptr<reach_live> live) {
  running& one = all_[which];
  one.at = at;
  const probe_target target(std::move(at), s.host);
  if (one.check) return one.check->change(target, of_);
  const auto said = [this, which](server_news what, const std::string& why) { tell(which, what, why); };
  const std::uint64_t seed = seed_ ^ s.identity_hash ^ which.second;
  const auto swept = [this, which](bool closes) { sweep(which, closes); };
  one.check = std::make_shared<server_check>(io_, target, of_, seed, std::move(live), said, swept);
}

void server_checks::tell(check_key which, server_news what, const std::string& why) {
  const server* s = of_->find(which.first);
  if (s == nullptr) return;
  const std::string at = text_of(all_[which].at);
  if (what == server_news::down) s->reach(which.second).trouble = at + ": " + why;
  if (which.second != 0) sum_up(*s, monotonic_now());
  heard_({s->name, at, what, why});
}

void server_checks::sweep(check_key which, bool closes) const {
  const server* s = of_->find(which.first);
  if (s != nullptr && speaks_for(*s, which.second)) sweep_(which.first, closes);
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
