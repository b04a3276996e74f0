#include "balancer/cluster/table_exchange.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/ensure.h"
#include "sync/packed.h"

namespace holdfast {

namespace {

using entry_room = std::array<sync_entry, exchange_limits{}.entries_a_lock>;

// Where clients of ours have done something that a peer may not know yet.
std::bitset<digest_buckets> touched(client_table& table, stamp since) {
  std::bitset<digest_buckets> out;
  entry_room some;
  stamp upto = 0;
  table.seek(compare_cursor, since);
  while (const std::size_t got = table.news(compare_cursor, some, upto)) {
    for (const sync_entry& e : std::span(some).first(got)) out.set(bucket_of(e.client));
  }
  table.unfollow(compare_cursor);
  return out;
}

// What the peer has not confirmed.
void count_news(client_table& table, stamp acknowledged, unix_ms now, channel_view::service& into) {
  entry_room some;
  stamp upto = 0, oldest = 0;
  table.seek(compare_cursor, acknowledged);
  while (into.waiting < max_counted_news) {
    const std::size_t got = table.news(compare_cursor, some, upto);
    if (got == 0) break;
    if (oldest == 0) oldest = some[0].used;
    into.waiting += got;
  }
  table.unfollow(compare_cursor);
  if (oldest == 0) return;
  into.lag_ms = std::max(0.0, static_cast<double>(now) - static_cast<double>(table.when(oldest)));
}

}  // namespace

void table_exchange::begin() {
  ensure(limits_.entries_a_lock <= entry_room{}.size() && limits_.entries_a_lock <= limits_.entries_a_frame);
  said_.clear();
  ours_.clear();
  repairs_.clear();
  empty_.clear();
  for (const shared_service& s : services_) {
    if (s.clients->size() == 0) empty_.insert(s.number);
  }
}

void table_exchange::end() {
  for (const shared_service& s : services_) s.clients->unfollow(cursor_);
}

const shared_service* table_exchange::find(sync_number number) const {
  const auto hit = std::find_if(services_.begin(), services_.end(), [&](const auto& s) { return s.number == number; });
  return hit == services_.end() ? nullptr : &*hit;
}

const shared_service* table_exchange::find(const std::string& name) const {
  const auto hit = std::find_if(services_.begin(), services_.end(), [&](const auto& s) { return s.name == name; });
  return hit == services_.end() ? nullptr : &*hit;
}

table_exchange::outcome table_exchange::perform(const sender::seek& order, unix_ms) {
  const auto* s = find(order.service);
  if (s == nullptr) return {};
  const bool all_are_news = empty_.contains(order.service);
  s->clients->seek(cursor_, order.upto != 0 || all_are_news ? order.upto : s->clients->latest());
  return {};
}

table_exchange::outcome table_exchange::perform(const sender::start_snapshot& order, unix_ms) {
  if (const auto* s = find(order.service)) s->clients->start_snapshot(cursor_);
  return {};
}

table_exchange::outcome table_exchange::perform(const sender::start_repair& order, unix_ms) {
  repair& r = repairs_[order.service] = {};
  for (const std::uint16_t bucket : order.buckets) r.buckets.set(bucket);
  return {};
}

table_exchange::outcome table_exchange::perform(const sender::introduce& order, unix_ms) {
  outcome out;
  said_[order.service] = 0;
  if (const auto* s = find(order.service)) name_servers(*s, out.say);
  return out;
}

// Of a server whose name the peer doesn't know it could make nothing.
void table_exchange::name_servers(const shared_service& s, std::vector<sync_message>& say) {
  server_id& last = said_[s.number];
  for (auto& [id, identity] : s.servers->after(last)) {
    say.emplace_back(sync_server{.service = s.number, .server = id, .identity = std::move(identity)});
    last = id;
  }
}

// A frame's worth of that kind. True: there is more.
bool table_exchange::collect(const shared_service& s, sync_entries& into) {
  entry_room room;
  const std::span<sync_entry> some = std::span(room).first(limits_.entries_a_lock);
  entry_packer packed(48 * limits_.entries_a_frame);
  bool more = true;
  while (more && packed.count() + some.size() <= limits_.entries_a_frame) {
    std::size_t got = 0;
    switch (into.kind) {
      case entry_kind::news:
        got = s.clients->news(cursor_, some, into.upto);
        more = got == some.size() && s.clients->has_news(cursor_);
        break;
      case entry_kind::snapshot:
        got = empty_.contains(s.number) ? 0 : s.clients->snapshot(cursor_, some);
        more = got > 0;
        break;
      case entry_kind::repair: {
        repair& r = repairs_[s.number];
        got = s.clients->bucket_entries(r.buckets, r.at, some);
        more = r.at != 0;
        break;
      }
    }
    for (const sync_entry& e : some.first(got)) packed.add(e);
  }
  if (into.kind == entry_kind::news) told_news_ += packed.count();
  into.packed = packed.take();
  return more;
}

table_exchange::outcome table_exchange::perform(const sender::send_entries& order, unix_ms) {
  const auto* s = find(order.service);
  if (s == nullptr) return {.result = sender::sent{.service = order.service, .kind = order.kind}};
  sync_entries entries{.service = order.service, .kind = order.kind, .packed = {}};
  const bool more = collect(*s, entries);
  entries.last = order.kind != entry_kind::news && !more;
  const bool any = !entries.packed.empty() || order.anyhow || entries.last;
  outcome out{.result = sender::sent{order.service, order.kind, entries.upto, more, any}, .drains = any};
  if (!any) return out;
  name_servers(*s, out.say);
  out.say.emplace_back(std::move(entries));
  return out;
}

table_exchange::outcome table_exchange::perform(const sender::send_digest& order, unix_ms now) {
  const auto* s = find(order.service);
  if (s == nullptr) return {.result = sender::digested{order.service, false}};
  sync_digest digest{.service = order.service};
  const table_digest sums = s->clients->digest(digest.size);
  const bool any = !s->clients->has_news(cursor_);
  outcome out{.result = sender::digested{order.service, any}, .drains = any};
  if (!any) return out;
  std::copy(sums.sums().begin(), sums.sums().end(), digest.sums.begin());
  digest.clock = s->clients->clock_marks(now);
  out.say.emplace_back(std::move(digest));
  return out;
}

table_exchange::outcome table_exchange::perform(const receiver::learn& order, unix_ms) {
  const auto* s = find(order.service);
  const auto ours = s == nullptr ? std::nullopt : s->servers->know(order.what.identity);
  if (ours) ours_[{order.service, order.what.server}] = *ours;
  return {};
}

std::optional<server_id> table_exchange::our_number(const std::string& service, sync_number theirs) const {
  if (theirs == nobody) return nobody;
  const auto known = ours_.find({service, theirs});
  return known == ours_.end() ? std::nullopt : std::optional(known->second);
}

table_exchange::outcome table_exchange::perform(const receiver::merge& order, unix_ms now) {
  const auto* s = find(order.name);
  entry_reader reader(order.what.packed);
  entry_room some;
  std::size_t count = 0;
  const auto pass_on = [&] {
    if (s != nullptr) s->clients->merge(std::span(some).first(count), now);
    count = 0;
  };
  while (auto e = reader.next()) {
    const auto ours = our_number(order.name, e->server);
    if (!ours) {
      ++skipped_;
      continue;
    }
    e->server = *ours;
    some[count++] = *e;
    if (count == some.size()) pass_on();
  }
  pass_on();
  if (reader.broken()) ++skipped_;
  return {.result = receiver::merged{order.what.service, order.what.kind, order.what.upto, order.what.last}};
}

table_exchange::outcome table_exchange::perform(const receiver::compare& order, unix_ms now) {
  receiver::compared result{.service = order.what.service, .differing = {}, .comparable = false};
  if (const auto* s = find(order.name)) {
    s->clients->meet(order.what.clock, now);
    std::uint32_t size = 0;
    const table_digest ours = s->clients->digest(size);
    result.comparable = order.what.size <= s->clients->capacity() && size <= order.capacity;
    const auto unsure = order.quiet && !s->clients->has_news(cursor_) ? std::bitset<digest_buckets>()
                                                                      : touched(*s->clients, order.acknowledged);
    for (std::uint16_t b = 0; b < digest_buckets; ++b) {
      if (!unsure[b] && ours.sums()[b] != order.what.sums[b]) result.differing.push_back(b);
    }
  }
  return {.result = std::move(result)};
}

channel_view::service table_exchange::view(const session::service_view& seen, unix_ms now) const {
  channel_view::service out{.seen = seen};
  if (const auto* s = find(seen.name)) {
    out.size = static_cast<std::uint32_t>(s->clients->size());
    count_news(*s->clients, seen.acknowledged, now, out);
  }
  return out;
}

}  // namespace holdfast
