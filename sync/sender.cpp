#include "sync/sender.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/ensure.h"

namespace holdfast {

namespace {

constexpr unsigned most_news_in_a_row = 4;       // batches, while something else waits
constexpr std::size_t most_unacknowledged = 64;  // of which we know whether all was said; then some are confirmed late

}  // namespace

sender::effects sender::on(const event& e, instant now) {
  effects out;
  std::visit([&](const auto& fact) { take(fact, now, out); }, e);
  if (connected_) go_on(out);
  return out;
}

std::optional<instant> sender::deadline() const {
  std::optional<instant> first;
  for (const auto& [number, t] : tables_) {
    if (t.followed && (!first || t.digest_at < *first)) first = t.digest_at;
  }
  return first;
}

const sender::table* sender::find(sync_number service) const {
  const auto found = tables_.find(service);
  return found == tables_.end() ? nullptr : &found->second;
}

sender::table* sender::followed(sync_number service) {
  const auto found = tables_.find(service);
  return found == tables_.end() || !found->second.followed ? nullptr : &found->second;
}

bool sender::follows(sync_number service) const {
  const table* t = find(service);
  return t != nullptr && t->followed && !t->showing;
}

stamp sender::acknowledged(sync_number service) const {
  const table* t = find(service);
  return t == nullptr ? 0 : t->acknowledged;
}

bool sender::is_quiet(sync_number service) const {
  const table* t = find(service);
  return t == nullptr || t->said <= t->acknowledged;
}

std::vector<sender::view> sender::views() const {
  std::vector<view> out;
  out.reserve(tables_.size());
  for (const auto& [number, t] : tables_) out.push_back({t.is.name, t.is.capacity, t.acknowledged});
  return out;
}

void sender::take(const connected&, instant, effects& out) {
  connected_ = true;
  for (const auto& [number, t] : tables_) out.emplace_back(t.is);
}

void sender::take(const disconnected&, instant, effects&) { forget(); }

void sender::forget() {
  connected_ = false;
  lane_ = lane::free;
  news_in_a_row_ = 0;
  learning_.clear();
  for (auto& [number, t] : tables_) t = {.is = t.is, .said = t.said};
}

void sender::refuse(std::string why, effects& out) {
  out.emplace_back(break_off{std::move(why)});
  forget();
}

void sender::take(const services& e, instant, effects& out) {
  ensure(e.all.size() <= max_sync_services);
  const auto is_gone = [&](sync_number service) {
    return std::none_of(e.all.begin(), e.all.end(), [&](const sync_service& s) { return s.service == service; });
  };
  for (auto next = tables_.begin(); next != tables_.end();) {
    const auto one = next++;
    if (!is_gone(one->first)) continue;
    if (connected_) out.emplace_back(sync_service{one->first, 0, one->second.is.name});
    tables_.erase(one);
  }
  for (const sync_service& s : e.all) {
    ensure(s.capacity != 0);
    sync_service& known = tables_[s.service].is;
    if (known == s) continue;
    ensure(known.name.empty() || known.name == s.name);
    known = s;
    if (connected_) out.emplace_back(s);
  }
}

void sender::take(const news& e, instant, effects&) {
  if (table* t = followed(e.service)) t->news = true;
}

// An exchange: ours follows, unless it was ours that led to this one.
void sender::take(const shown& e, instant now, effects&) {
  table* t = followed(e.service);
  if (t != nullptr && now - t->digest_said > interval_ / 10) t->digest = true;
}

void sender::take(const learns& e, instant, effects& out) {
  const bool knows_more = std::any_of(learning_.begin(), learning_.end(), [&](sync_number n) {
    return std::find(e.services.begin(), e.services.end(), n) == e.services.end();
  });
  learning_ = e.services;
  if (knows_more && connected_ && lane_ == lane::free) ask_digest(out);
}

void sender::take(const check&, instant now, effects&) {
  for (auto& [number, t] : tables_) {
    if (!t.followed) continue;
    t.digest = true;
    t.digest_at = now + interval_;
  }
}

void sender::take(const wake&, instant now, effects&) {
  if (!connected_) return;
  for (auto& [number, t] : tables_) {
    if (!t.followed || now < t.digest_at) continue;
    t.digest = true;
    t.digest_at = now + interval_;
  }
}

void sender::take(const sync_resume& what, instant now, effects& out) {
  const auto found =
      std::find_if(tables_.begin(), tables_.end(), [&](const auto& one) { return one.second.is.name == what.service; });
  if (found == tables_.end()) {  // we have just dropped it
    ++skipped_;
    return;
  }
  const sync_number number = found->first;
  table& t = found->second;
  const bool known = what.upto != 0 && what.upto <= t.said;  // more than we ever said is nothing that we know
  t = {.is = t.is,
       .followed = true,
       .unmarked = true,
       .news = true,
       .snapshot = !known,
       .showing = !known,
       .digest = true,
       .digest_at = now + interval_,
       .digest_said = t.digest_said,
       .said = t.said,
       .acknowledged = known ? what.upto : 0};
  out.emplace_back(introduce{number});
  out.emplace_back(seek{number, t.acknowledged});
  if (t.snapshot) out.emplace_back(start_snapshot{number});
}

void sender::take(const sync_ack& what, instant, effects& out) {
  table* t = followed(what.service);
  if (t == nullptr) {  // we have just dropped it
    ++skipped_;
    return;
  }
  if (what.upto > t->said) return refuse("it acknowledges what was never said", out);
  t->acknowledged = std::max(t->acknowledged, what.upto);
  stamp upto = 0;
  for (; !t->whole.empty() && t->whole.front() <= t->acknowledged; t->whole.pop_front()) upto = t->whole.front();
  if (upto != 0) out.emplace_back(confirmed{what.service, upto});
}

void sender::take(const sync_want& what, instant, effects& out) {
  table* t = followed(what.service);
  if (t == nullptr) {  // we have just dropped it
    ++skipped_;
    return;
  }
  if (t->repair) return refuse("it wants more before it has what it wanted", out);
  t->repair = true;
  out.emplace_back(start_repair{what.service, what.buckets});
}

void sender::go_on(effects& out) {
  if (lane_ != lane::free) return;
  const auto fresh = next_with(&table::news);
  const auto snapshot = next_with(&table::snapshot);
  const auto repair = next_with(&table::repair);
  if (fresh && (news_in_a_row_ < most_news_in_a_row || (!snapshot && !repair))) {
    ask(*fresh, entry_kind::news, out);
  } else if (snapshot) {
    ask(*snapshot, entry_kind::snapshot, out);
  } else if (repair) {
    ask(*repair, entry_kind::repair, out);
  } else {
    ask_digest(out);
  }
}

// The first after the service that spoke last, so that each gets a turn.
std::optional<sync_number> sender::next_with(bool table::* what) const {
  const auto has = [&](const auto& one) { return one.second.*what; };
  const auto middle = tables_.upper_bound(turn_);
  auto found = std::find_if(middle, tables_.end(), has);
  if (found == tables_.end()) found = std::find_if(tables_.begin(), middle, has);
  if (found == tables_.end() || !has(*found)) return std::nullopt;
  return found->first;
}

void sender::ask(sync_number service, entry_kind kind, effects& out) {
  table& t = tables_[service];
  send_entries order{.service = service, .kind = kind};
  switch (kind) {
    case entry_kind::news:
      t.news = false;
      order.anyhow = t.unmarked;
      t.unmarked = false;
      break;
    case entry_kind::snapshot: t.snapshot = false; break;
    case entry_kind::repair: t.repair = false; break;
  }
  news_in_a_row_ = kind == entry_kind::news ? news_in_a_row_ + 1 : 0;
  turn_ = service;
  lane_ = lane::asked;
  out.emplace_back(order);
}

void sender::take(const sent& e, instant, effects& out) {
  lane_ = e.any ? lane::draining : lane::free;
  table* t = followed(e.service);
  if (t == nullptr) return;
  switch (e.kind) {
    case entry_kind::news:
      t->news |= e.more;
      if (!e.any) break;
      t->said = std::max(t->said, e.upto);
      // A client that has moved on is said later, with all of it: so an earlier part of the news proves nothing of it.
      // Nor do news prove anything of those before them that a snapshot will show.
      if (t->news || t->showing) break;
      if (t->whole.size() == most_unacknowledged) t->whole.pop_back();
      t->whole.push_back(e.upto);
      break;
    case entry_kind::snapshot:
      t->snapshot = t->showing = e.more;
      t->digest |= !e.more;
      break;
    case entry_kind::repair:
      t->repair = e.more;
      t->digest |= !e.more;
      break;
  }
  ask_digest(out);  // now: whoever has news all the time has none only now
}

// Of the next service that has nothing else to say.
void sender::ask_digest(effects& out) {
  for (auto& [number, t] : tables_) {
    const bool still = std::find(learning_.begin(), learning_.end(), number) != learning_.end();
    if (!t.digest || t.news || t.snapshot || t.repair || still) continue;
    t.digest = false;
    if (lane_ == lane::free) lane_ = lane::asked;
    out.emplace_back(send_digest{number});
    return;
  }
}

void sender::take(const digested& e, instant now, effects&) {
  if (e.any) {
    lane_ = lane::draining;
  } else if (lane_ == lane::asked) {
    lane_ = lane::free;
  }
  table* t = followed(e.service);
  if (t == nullptr) return;
  if (e.any) {
    t->digest_said = now;
    t->digest_at = now + interval_;
  } else {
    t->news = t->digest = true;
  }
}

void sender::take(const drained&, instant, effects&) {
  if (lane_ == lane::draining) lane_ = lane::free;
}

}  // namespace holdfast
