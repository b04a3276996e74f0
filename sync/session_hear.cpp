// What the other node tells us of its services, and whether that is all that it knows.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "sync/session.h"

namespace holdfast {

namespace {

constexpr unsigned wants_at_once = 2;  // then one in half a time of digests

}  // namespace

void session::hear(const sync_hello&, instant, effects&) { ++skipped_; }    // it has said that
void session::hear(const sync_unknown&, instant, effects&) { ++skipped_; }  // of a later version

void session::hear(const sync_ping& what, instant, effects& out) {
  out.push_back(send{sync_pong{what.sent, wall_us_}});
  if (introduced_) return;
  introduced_ = true;  // before its first ping it tells all its services
  std::erase_if(theirs_, [](const auto& one) { return !one.second.told; });
}

void session::hear(const sync_pong& what, instant now, effects& out) {
  offset_.pong(what.sent, what.answered, wall_us_, now);
  const std::int64_t ahead_us = offset_.us().value_or(0);
  const bool apart = std::chrono::microseconds(std::abs(ahead_us)) >= limits_.apart;
  if (std::exchange(apart_, apart) != apart) out.push_back(tell{session_clocks{apart, ahead_us}});
}

void session::hear(const sync_farewell&, instant now, effects& out) {
  out.push_back(hang_up{});
  lose("it left", true, now, out);
}

template <class Other>
void session::hear(const Other& what, instant, effects& out) {
  out.push_back(tell{session_heard{what}});
}
template void session::hear(const sync_status&, instant, effects&);
template void session::hear(const sync_server_state&, instant, effects&);
template void session::hear(const sync_secret&, instant, effects&);
template void session::hear(const sync_order&, instant, effects&);
template void session::hear(const sync_answer&, instant, effects&);

void session::hear(const sync_service& what, instant now, effects& out) {
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
  if (known != theirs_.end() && known->second.told) return break_off("it names a service twice", now, out);
  std::erase_if(theirs_, [&](const auto& one) { return one.second.name == what.name || one.first == what.service; });
  if (theirs_.size() == max_sync_services) return break_off("it tells of too many services", now, out);
  of_theirs& fresh = theirs_[what.service];
  fresh = {.name = what.name, .capacity = what.capacity, .told = true};
  meet(fresh, out);
}

// It has told of this service: if we have it, too, it shall tell what it knows.
void session::meet(of_theirs& t, effects& out) {
  t.ours = our_number(t.name);
  if (!t.ours) return;
  if (!t.snapshot_ended) t.upto = 0;
  if (t.upto == 0) t.snapshot_ended = false;
  t.digest = verdict::none;
  t.wanting = false;
  out.push_back(send{sync_resume{t.name, t.upto}});
}

std::optional<sync_number> session::our_number(const std::string& service) const {
  const auto is_it = [&](const auto& one) { return one.second.is.name == service; };
  const auto found = std::find_if(ours_.begin(), ours_.end(), is_it);
  return found == ours_.end() ? std::nullopt : std::optional(found->first);
}

// Null: skipped, or the connection is broken off.
session::of_theirs* session::spoken_of(sync_number service, instant now, effects& out) {
  const auto found = theirs_.find(service);
  if (found == theirs_.end() || !found->second.told) {
    break_off("it speaks of a service that it never named", now, out);
    return nullptr;
  }
  if (found->second.ours) return &found->second;
  ++skipped_;
  return nullptr;
}

void session::hear(const sync_server& what, instant now, effects& out) {
  if (++names_heard_ > max_sync_servers) return break_off("it names too many servers", now, out);
  if (const of_theirs* t = spoken_of(what.service, now, out)) out.push_back(learn{t->name, what});
}

void session::hear(const sync_entries& what, instant now, effects& out) {
  if (const of_theirs* t = spoken_of(what.service, now, out)) out.push_back(merge{t->name, what});
}

void session::take(const merged& e, instant, effects& out) {
  const auto found = theirs_.find(e.service);
  if (found == theirs_.end()) return;
  of_theirs& t = found->second;
  switch (e.kind) {
    case entry_kind::news:
      t.upto = std::max(t.upto, e.upto);
      out.push_back(send{sync_ack{e.service, e.upto}});
      return;
    case entry_kind::snapshot:
      t.snapshot_ended |= e.last;
      if (e.last && lane_ == lane::free) ask_digest(out);
      return;
    case entry_kind::repair:
      if (!e.last || !t.wanting) return;
      t.wanting = false;
      t.digest = verdict::repaired;
      return;
  }
}

void session::hear(const sync_digest& what, instant now, effects& out) {
  of_theirs* t = spoken_of(what.service, now, out);
  if (t == nullptr) return;
  t->size = what.size;
  of_ours& o = ours_[*t->ours];
  // An exchange: ours follows, unless it was ours that led to this one.
  if (o.followed && now - o.digest_said > limits_.digest / 10) o.digest = true;
  if (!t->snapshot_ended || t->wanting) return;
  const bool quiet = o.said <= o.acknowledged;
  out.push_back(compare{t->name, t->capacity, o.acknowledged, quiet, what});
}

void session::take(const compared& e, instant now, effects& out) {
  const auto found = theirs_.find(e.service);
  if (found == theirs_.end() || !found->second.ours) return;
  of_theirs& t = found->second;
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
    out.push_back(send{sync_want{e.service, e.differing}});
    out.push_back(tell{session_repaired{*t.ours, e.differing.size()}});
  }
}

// What a repair doesn't mend the next one won't, either.
bool session::may_want(const of_theirs& t, instant now) const {
  return !t.wanting && (t.wants < wants_at_once || now - t.wanted_at >= limits_.digest / 2);
}

std::string session::doubt(instant now) const {
  if (!connected()) return trouble_.empty() ? "not connected" : "not connected: " + trouble_;
  if (now - *heard_ >= limits_.lag) return "nothing was heard for a while";
  if (!introduced_) return "it has not told yet what it has";
  for (const auto& [number, t] : theirs_) {
    if (!t.ours) continue;
    if (!t.snapshot_ended) return "the snapshot of " + t.name + " is under way";
    if (t.digest == verdict::none) return t.name + " is not compared yet";
    if (t.digest == verdict::differs) return t.name + " differs";
  }
  return "";
}

std::vector<session::service_view> session::view() const {
  std::map<std::string, service_view> all;
  for (const auto& [number, o] : ours_) {
    service_view& v = all[o.is.name];
    v.ours = true;
    v.capacity = o.is.capacity;
    v.acknowledged = o.acknowledged;
  }
  for (const auto& [number, t] : theirs_) {
    service_view& v = all[t.name];
    v.theirs = true;
    v.equal = t.digest == verdict::equal;
    v.fits = t.digest != verdict::incomparable;
    v.peer_capacity = t.capacity;
    v.compared = t.compared;
    v.peer_size = t.size;
    v.differed = t.differed;
    v.snapshot_ended = t.snapshot_ended;
  }
  std::vector<service_view> out;
  for (auto& [name, v] : all) {
    v.name = name;
    out.push_back(std::move(v));
  }
  return out;
}

}  // namespace holdfast
