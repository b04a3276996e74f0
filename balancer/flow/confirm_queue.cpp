#include "balancer/flow/confirm_queue.h"

#include <algorithm>

namespace holdfast {

namespace {

bool is_over(confirmation v) { return v == confirmation::confirmed || v == confirmation::no_peer; }

}  // namespace

bool confirm_queue::add(const std::shared_ptr<replication_watermark>& of, const reply& what, instant now) {
  confirmation found = of->ask(what.assigned);
  if (found == confirmation::wait && size_ == max_waiting_replies) found = confirmation::given_up;
  if (found != confirmation::wait) {
    of->count(found, duration::zero());
    return false;
  }
  lane& l = lane_of(of);
  l.all.push_back({what, now});
  if (l.oldest == 0 || what.assigned < l.oldest) of->announce(worker_, l.oldest = what.assigned);
  found = of->ask(what.assigned);
  if (!is_over(found)) {
    ++size_;
    return true;
  }
  l.all.pop_back();
  announce(l);
  of->count(found, duration::zero());
  return false;
}

confirm_queue::lane& confirm_queue::lane_of(const std::shared_ptr<replication_watermark>& of) {
  const auto known = std::find_if(lanes_.begin(), lanes_.end(), [&](const lane& l) { return l.of == of; });
  if (known != lanes_.end()) return *known;
  std::erase_if(lanes_, [](const lane& l) { return l.all.empty(); });  // of tables that may be no more
  lanes_.push_back({.of = of, .all = {}, .oldest = 0});
  return lanes_.back();
}

void confirm_queue::announce(lane& l) const {
  const auto earlier = [](const waiting& a, const waiting& b) { return a.what.assigned < b.what.assigned; };
  const auto first = std::min_element(l.all.begin(), l.all.end(), earlier);
  l.oldest = first == l.all.end() ? 0 : first->what.assigned;
  l.of->announce(worker_, l.oldest);
}

const std::vector<confirm_queue::reply>& confirm_queue::take(instant now) {
  taken_.clear();
  for (lane& l : lanes_) {
    const auto has_news = [&] {
      return !l.all.empty() && (is_over(l.of->ask(l.oldest)) || now - l.all.front().since >= confirm_patience);
    };
    while (has_news()) sweep(l, now);
  }
  size_ -= taken_.size();
  return taken_;
}

void confirm_queue::sweep(lane& l, instant now) {
  bool slow = false;
  std::erase_if(l.all, [&](const waiting& w) {
    if (!decided(*l.of, w, now, slow)) return false;
    taken_.push_back(w.what);
    return true;
  });
  if (slow) l.of->give_up();
  announce(l);
}

bool confirm_queue::decided(replication_watermark& of, const waiting& w, instant now, bool& slow) const {
  const duration waited = now - w.since;
  const confirmation found = of.ask(w.what.assigned);
  if (is_over(found)) {
    of.count(found, waited);
    return true;
  }
  if (waited < confirm_patience) return false;
  of.count_time_out(waited);
  slow = true;
  return true;
}

std::optional<instant> confirm_queue::due() const {
  std::optional<instant> first;
  for (const lane& l : lanes_) {
    if (l.all.empty()) continue;
    const instant ends = l.all.front().since + confirm_patience;
    if (!first || ends < *first) first = ends;
  }
  return first;
}

}  // namespace holdfast
