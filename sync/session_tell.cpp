// What the other node is told of our services.
#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "base/ensure.h"
#include "sync/session.h"

namespace holdfast {

namespace {

constexpr unsigned most_news_in_a_row = 4;       // batches, while something else waits
constexpr std::size_t most_unacknowledged = 64;  // of which we know whether all was said; then some are confirmed late

}  // namespace

bool session::follows(sync_number service) const {
  const auto found = ours_.find(service);
  return found != ours_.end() && found->second.followed && !found->second.showing;
}

session::of_ours* session::followed(sync_number service) {
  const auto found = ours_.find(service);
  return found == ours_.end() || !found->second.followed ? nullptr : &found->second;
}

void session::take(const services& e, instant, effects& out) {
  const auto all = std::span(e.all).first(std::min(e.all.size(), max_sync_services));
  const auto is_there = [&](sync_number service) {
    return std::any_of(all.begin(), all.end(), [&](const sync_service& s) { return s.service == service; });
  };
  for (auto next = ours_.begin(); next != ours_.end();) {
    const sync_number service = next++->first;
    if (!is_there(service)) drop(service, out);
  }
  for (const sync_service& s : all) {
    ensure(s.capacity != 0);
    const auto known = ours_.find(s.service);
    if (known == ours_.end()) {
      add(s, out);
    } else if (known->second.is != s) {
      ensure(known->second.is.name == s.name);
      const bool grew = s.capacity > std::exchange(known->second.is, s).capacity;
      if (connected()) out.push_back(send{s});
      for (auto& [number, t] : theirs_) {
        if (!grew || t.ours != s.service) continue;
        t.snapshot_ended = false;  // what had no room before must come now
        if (t.told) meet(t, out);
      }
    }
  }
}

void session::add(const sync_service& what, effects& out) {
  ours_[what.service].is = what;
  if (!connected()) return;
  out.push_back(send{what});
  for (auto& [number, t] : theirs_) {
    if (t.told && t.name == what.name) meet(t, out);
  }
}

void session::drop(sync_number service, effects& out) {
  const auto gone = ours_.find(service);
  if (connected()) out.push_back(send{sync_service{service, 0, gone->second.is.name}});
  for (auto& [number, t] : theirs_) {  // what we knew of it is gone with our table
    if (t.ours == service) t = {.name = t.name, .capacity = t.capacity, .told = t.told};
  }
  ours_.erase(gone);
}

void session::take(const named& e, instant, effects& out) {
  if (followed(e.what.service) != nullptr) out.push_back(send{e.what});
}

void session::take(const news& e, instant, effects&) {
  if (of_ours* o = followed(e.service)) o->news = true;
}

void session::take(const check&, instant now, effects&) {
  for (auto& [number, o] : ours_) {
    if (!o.followed) continue;
    o.digest = true;
    o.digest_at = now + limits_.digest;
  }
}

void session::hear(const sync_resume& what, instant now, effects& out) {
  const auto number = our_number(what.service);
  if (!number) {  // we have just dropped it
    ++skipped_;
    return;
  }
  of_ours& o = ours_[*number];
  const bool known = what.upto != 0 && what.upto <= o.said;  // more than we ever said is nothing that we know
  o = {.is = o.is,
       .followed = true,
       .unmarked = true,
       .news = true,
       .snapshot = !known,
       .showing = !known,
       .digest = true,
       .digest_at = now + limits_.digest,
       .digest_said = o.digest_said,
       .said = o.said,
       .acknowledged = known ? what.upto : 0};
  out.push_back(introduce{*number});
  out.push_back(seek{*number, o.acknowledged});
  if (o.snapshot) out.push_back(start_snapshot{*number});
}

void session::hear(const sync_ack& what, instant now, effects& out) {
  of_ours* o = followed(what.service);
  if (o == nullptr) {  // we have just dropped it
    ++skipped_;
    return;
  }
  if (what.upto > o->said) return break_off("it acknowledges what was never said", now, out);
  o->acknowledged = std::max(o->acknowledged, what.upto);
  stamp confirmed = 0;
  for (; !o->whole.empty() && o->whole.front() <= o->acknowledged; o->whole.pop_front()) confirmed = o->whole.front();
  if (confirmed != 0) out.push_back(tell{session_confirmed{what.service, confirmed}});
}

void session::hear(const sync_want& what, instant now, effects& out) {
  of_ours* o = followed(what.service);
  if (o == nullptr) {  // we have just dropped it
    ++skipped_;
    return;
  }
  if (o->repair) return break_off("it wants more before it has what it wanted", now, out);
  o->repair = true;
  out.push_back(start_repair{what.service, what.buckets});
}

void session::go_on(instant, effects& out) {
  if (lane_ != lane::free) return;
  const auto fresh = next_with(&of_ours::news);
  const auto snapshot = next_with(&of_ours::snapshot);
  const auto repair = next_with(&of_ours::repair);
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
std::optional<sync_number> session::next_with(bool of_ours::* what) const {
  const auto has = [&](const auto& one) { return one.second.*what; };
  const auto middle = ours_.upper_bound(turn_);
  auto found = std::find_if(middle, ours_.end(), has);
  if (found == ours_.end()) found = std::find_if(ours_.begin(), middle, has);
  if (found == ours_.end() || !has(*found)) return std::nullopt;
  return found->first;
}

void session::ask(sync_number service, entry_kind kind, effects& out) {
  of_ours& o = ours_[service];
  send_entries order{.service = service, .kind = kind};
  switch (kind) {
    case entry_kind::news:
      o.news = false;
      order.anyhow = o.unmarked;
      o.unmarked = false;
      break;
    case entry_kind::snapshot: o.snapshot = false; break;
    case entry_kind::repair: o.repair = false; break;
  }
  news_in_a_row_ = kind == entry_kind::news ? news_in_a_row_ + 1 : 0;
  turn_ = service;
  lane_ = lane::asked;
  out.push_back(order);
}

void session::take(const sent& e, instant, effects& out) {
  lane_ = e.any ? lane::draining : lane::free;
  of_ours* o = followed(e.service);
  if (o == nullptr) return;
  switch (e.kind) {
    case entry_kind::news:
      o->news |= e.more;
      if (!e.any) break;
      o->said = std::max(o->said, e.upto);
      // A client that has moved on is said later, with all of it: so an earlier part of the news proves nothing of it.
      // Nor do news prove anything of those before them that a snapshot will show.
      if (o->news || o->showing) break;
      if (o->whole.size() == most_unacknowledged) o->whole.pop_back();
      o->whole.push_back(e.upto);
      break;
    case entry_kind::snapshot:
      o->snapshot = o->showing = e.more;
      o->digest |= !e.more;
      break;
    case entry_kind::repair:
      o->repair = e.more;
      o->digest |= !e.more;
      break;
  }
  ask_digest(out);  // now: whoever has news all the time has none only now
}

// Of the next service that has nothing else to say. While the peer still tells us what it knows, we can but differ.
void session::ask_digest(effects& out) {
  for (auto& [number, o] : ours_) {
    if (!o.digest || o.news || o.snapshot || o.repair || learns(number)) continue;
    o.digest = false;
    if (lane_ == lane::free) lane_ = lane::asked;
    out.push_back(send_digest{number});
    return;
  }
}

bool session::learns(sync_number service) const {
  return std::any_of(theirs_.begin(), theirs_.end(), [&](const auto& known) {
    const of_theirs& t = known.second;
    return t.told && t.ours == service && !t.snapshot_ended;
  });
}

void session::take(const digested& e, instant now, effects&) {
  if (e.any) {
    lane_ = lane::draining;
  } else if (lane_ == lane::asked) {
    lane_ = lane::free;
  }
  of_ours* o = followed(e.service);
  if (o == nullptr) return;
  if (e.any) {
    o->digest_said = now;
    o->digest_at = now + limits_.digest;
  } else {
    o->news = o->digest = true;
  }
}

void session::take(const drained&, instant, effects&) {
  if (lane_ == lane::draining) lane_ = lane::free;
}

}  // namespace holdfast
