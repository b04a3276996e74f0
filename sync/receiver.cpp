#include "sync/receiver.h"

#include <algorithm>
#include <utility>

namespace holdfast {

namespace {

constexpr unsigned wants_at_once = 2;  // then one in half a time of digests

}  // namespace

receiver::effects receiver::on(const event& e, instant now) {
  effects out;
  std::visit([&](const auto& fact) { take(fact, now, out); }, e);
  return out;
}

void receiver::take(const connected& e, instant, effects&) {
  if (e.afresh) theirs_.clear();
}

void receiver::take(const disconnected&, instant, effects&) { forget(); }

void receiver::forget() {
  introduced_ = false;
  names_heard_ = 0;
  for (auto& [number, t] : theirs_) {
    t.told = t.wanting = false;
    t.digest = verdict::none;
  }
}

void receiver::refuse(std::string why, effects& out) {
  out.emplace_back(break_off{std::move(why)});
  forget();
}

void receiver::take(const introduced&, instant, effects&) {
  if (std::exchange(introduced_, true)) return;
  std::erase_if(theirs_, [](const auto& one) { return !one.second.told; });
}

void receiver::take(const services& e, instant, effects& out) {
  const auto before = std::exchange(ours_, e.all);
  const auto find = [](const std::vector<sync_service>& all, sync_number number) {
    return std::find_if(all.begin(), all.end(), [&](const sync_service& s) { return s.service == number; });
  };
  for (auto& [number, t] : theirs_) {  // what we knew of it is gone with our table
    const bool gone = t.ours && find(ours_, *t.ours) == ours_.end();
    if (gone) t = {.name = t.name, .capacity = t.capacity, .told = t.told};
  }
  for (const sync_service& s : ours_) {
    const auto known = find(before, s.service);
    const bool is_new = known == before.end();
    const bool grew = !is_new && s.capacity > known->capacity;
    for (auto& [number, t] : theirs_) {
      if (grew && t.ours == s.service) t.snapshot_ended = false;  // what had no room before must come now
      const bool meets = is_new ? t.name == s.name : grew && t.ours == s.service;
      if (meets && t.told) meet(t, out);
    }
  }
}

void receiver::take(const sync_service& what, instant, effects& out) {
  if (what.capacity == 0) {
    theirs_.erase(what.service);
    return;
  }
  const auto known = theirs_.find(what.service);
  if (known != theirs_.end() && known->second.name == what.name) {
    known->second.capacity = what.capacity;
    if (known->second.told) return;
    known->second.told = true;
    return meet(known->second, out);
  }
  if (known != theirs_.end() && known->second.told) return refuse("it names a service twice", out);
  std::erase_if(theirs_, [&](const auto& one) { return one.second.name == what.name || one.first == what.service; });
  if (theirs_.size() == max_sync_services) return refuse("it tells of too many services", out);
  table& fresh = theirs_[what.service];
  fresh = {.name = what.name, .capacity = what.capacity, .told = true};
  meet(fresh, out);
}

// It has told of this service: if we have it, too, it shall tell what it knows.
void receiver::meet(table& t, effects& out) {
  const auto ours = std::find_if(ours_.begin(), ours_.end(), [&](const sync_service& s) { return s.name == t.name; });
  t.ours = ours == ours_.end() ? std::nullopt : std::optional(ours->service);
  if (!t.ours) return;
  if (!t.snapshot_ended) t.upto = 0;
  if (t.upto == 0) t.snapshot_ended = false;
  t.digest = verdict::none;
  t.wanting = false;
  out.emplace_back(sync_resume{t.name, t.upto});
}

std::optional<sync_number> receiver::our_number(sync_number service) const {
  const auto found = theirs_.find(service);
  return found == theirs_.end() || !found->second.told ? std::nullopt : found->second.ours;
}

// Null: skipped, or the connection is broken off.
receiver::table* receiver::spoken_of(sync_number service, effects& out) {
  const auto found = theirs_.find(service);
  if (found == theirs_.end() || !found->second.told) {
    refuse("it speaks of a service that it never named", out);
    return nullptr;
  }
  if (found->second.ours) return &found->second;
  ++skipped_;
  return nullptr;
}

void receiver::take(const sync_server& what, instant, effects& out) {
  if (++names_heard_ > max_sync_servers) return refuse("it names too many servers", out);
  if (const table* t = spoken_of(what.service, out)) out.emplace_back(learn{t->name, what});
}

void receiver::take(const sync_entries& what, instant, effects& out) {
  if (const table* t = spoken_of(what.service, out)) out.emplace_back(merge{t->name, what});
}

void receiver::take(const merged& e, instant, effects& out) {
  const auto found = theirs_.find(e.service);
  if (found == theirs_.end()) return;
  table& t = found->second;
  switch (e.kind) {
    case entry_kind::news:
      t.upto = std::max(t.upto, e.upto);
      out.emplace_back(sync_ack{e.service, e.upto});
      return;
    case entry_kind::snapshot: t.snapshot_ended |= e.last; return;
    case entry_kind::repair:
      if (!e.last || !t.wanting) return;
      t.wanting = false;
      t.digest = verdict::repaired;
      return;
  }
}

void receiver::take(const shown& e, instant, effects& out) {
  table* t = spoken_of(e.what.service, out);
  if (t == nullptr) return;
  t->size = e.what.size;
  if (!t->snapshot_ended || t->wanting) return;
  out.emplace_back(compare{t->name, t->capacity, e.acknowledged, e.quiet, e.what});
}

void receiver::take(const compared& e, instant now, effects& out) {
  const auto found = theirs_.find(e.service);
  if (found == theirs_.end() || !found->second.ours) return;
  table& t = found->second;
  t.compared = now;
  if (!e.comparable) {
    t.digest = verdict::incomparable;
  } else if (e.differing.empty()) {
    t.digest = verdict::equal;
    t.wants = 0;
  } else {
    t.digest = verdict::differs;
    if (!may_want(t, now)) return;
    t.wanting = true;
    t.wanted_at = now;
    ++t.wants;
    t.differed += e.differing.size();
    out.emplace_back(sync_want{e.service, e.differing});
    out.emplace_back(repairs{*t.ours, e.differing.size()});
  }
}

// What a repair doesn't mend the next one won't, either.
bool receiver::may_want(const table& t, instant now) const {
  return !t.wanting && (t.wants < wants_at_once || now - t.wanted_at >= interval_ / 2);
}

std::string receiver::doubt() const {
  if (!introduced_) return "it has not told yet what it has";
  for (const auto& [number, t] : theirs_) {
    if (!t.ours) continue;
    if (!t.snapshot_ended) return "the snapshot of " + t.name + " is under way";
    if (t.digest == verdict::none) return t.name + " is not compared yet";
    if (t.digest == verdict::differs) return t.name + " differs";
  }
  return "";
}

std::vector<sync_number> receiver::learning() const {
  std::vector<sync_number> out;
  for (const auto& [number, t] : theirs_) {
    if (t.told && t.ours && !t.snapshot_ended) out.push_back(*t.ours);
  }
  return out;
}

std::vector<receiver::view> receiver::views() const {
  std::vector<view> out;
  out.reserve(theirs_.size());
  for (const auto& [number, t] : theirs_) {
    out.push_back({.name = t.name,
                   .capacity = t.capacity,
                   .equal = t.digest == verdict::equal,
                   .fits = t.digest != verdict::incomparable,
                   .compared = t.compared,
                   .size = t.size,
                   .differed = t.differed,
                   .snapshot_ended = t.snapshot_ended});
  }
  return out;
}

}  // namespace holdfast
