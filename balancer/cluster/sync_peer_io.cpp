#include "balancer/cluster/sync_peer_io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>

#include "base/clock_io.h"
#include "base/log_io.h"
#include "cli/reply/cluster_view.h"
#include "sync/packed.h"

namespace holdfast {

namespace asio = boost::asio;

namespace {

constexpr std::size_t entries_a_lock = 256;
constexpr std::size_t entries_a_frame = 1024;  // of at most 48 bytes: they fit

std::uint64_t wall_us() {
  return static_cast<std::uint64_t>(duration_cast<std::chrono::microseconds>(wall_now().time_since_epoch()).count());
}

// Where clients of ours have done something that a peer may not know yet.
std::bitset<digest_buckets> touched(client_table& table, stamp since) {
  std::bitset<digest_buckets> out;
  std::array<sync_entry, entries_a_lock> some;
  stamp upto = 0;
  table.seek(compare_cursor, since);
  while (const std::size_t got = table.news(compare_cursor, some, upto)) {
    for (const sync_entry& e : std::span(some).first(got)) out.set(bucket_of(e.client));
  }
  table.unfollow(compare_cursor);
  return out;
}

// What the peer has not confirmed.
void count_news(client_table& table, stamp acknowledged, channel_view::service& into) {
  std::array<sync_entry, entries_a_lock> some;
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
  into.lag_ms = std::max(0.0, static_cast<double>(steady_ms()) - static_cast<double>(table.when(oldest)));
}

}  // namespace

stream_options sync_stream_options() {
  return {.frame_limit = sync_frame_limit,
          .queue_limit = 8 * sync_frame_limit,
          .connect_limit = std::chrono::seconds(1),
          .silence = std::chrono::seconds(3)};
}

sync_peer::sync_peer(asio::io_context& io, tls_context& tls, const sync_hello& own, const endpoint& from,
                     const channel_node& node, unsigned number, std::uint64_t seed,
                     const std::vector<shared_service>& services, listener tell)
    : io_(io),
      tls_(tls),
      from_(from),
      to_(node.where),
      number_(number),
      services_(services),
      tell_(std::move(tell)),
      machine_(own, node.name, {.apart = clocks_apart}, seed, monotonic_now()),
      others_(node.name, node.where.host),
      alarm_(io, [this] { feed(wake{}); }) {
  alarm_.set(machine_.deadline());
}

sync_peer::~sync_peer() { *alive_ = false; }

void sync_peer::feed(session::event what) {
  facts_.push_back(std::move(what));
  if (busy_) return;
  busy_ = true;
  while (!results_.empty() || !facts_.empty()) {
    auto& from = results_.empty() ? facts_ : results_;
    const session::event next = std::move(from.front());
    from.pop_front();
    for (const session::effect& order : machine_.on(next, monotonic_now())) {
      std::visit([this](const auto& o) { perform(o); }, order);
    }
  }
  busy_ = false;
  alarm_.set(machine_.deadline());
}

void sync_peer::called(secure_stream stream, const sync_hello& hello, const endpoint& from) {
  if (const auto second = others_.hear(from.host, machine_.connected(), monotonic_now())) {
    if (second->is_news) log::warn("sync=refused node={} from={} why=\"{}\"", name(), from.host.text(), second->why);
    return;
  }
  if (const std::string why = machine_.objection(hello); !why.empty()) {
    log::debug("sync=declined node={} why=\"{}\"", name(), why);
    return;
  }
  others_.met(from.host);
  stream_ = std::move(stream);
  stream_.start(ears());
  feed(session::called{hello});
}

stream_callbacks sync_peer::ears() {
  said_.clear();
  ours_.clear();
  repairs_.clear();
  empty_.clear();
  for (const shared_service& s : services_) {
    if (s.clients->size() == 0) empty_.insert(s.number);
  }
  return {.opened = [this] { feed(session::opened{}); },
          .received =
              [this](std::span<const std::uint8_t> frame) {
                auto what = decode_sync(frame);
                if (what)
                  feed(session::received{std::move(*what), wall_us()});
                else
                  feed(session::misheard{what.error()});
              },
          .drained = [this] { feed(session::drained{}); },
          .ended = [this](stream_end why) { feed(session::ended{why}); }};
}

void sync_peer::perform(const session::dial&) {
  others_.met(to_.host);
  const bool any = from_.host == address() || from_.host == address::v4(0);
  stream_ = secure_stream::dial(io_, tls_, sync_stream_options(), to_, any ? std::nullopt : std::optional(from_.host),
                                ears());
}

void sync_peer::perform(const session::hang_up&) { stream_.close(); }
void sync_peer::perform(const session::send& order) { send(order.what); }
void sync_peer::send(const sync_message& what) { stream_.send(encode(what)); }

const shared_service* sync_peer::find(sync_number number) const {
  const auto hit = std::find_if(services_.begin(), services_.end(), [&](const auto& s) { return s.number == number; });
  return hit == services_.end() ? nullptr : &*hit;
}

const shared_service* sync_peer::find(const std::string& name) const {
  const auto hit = std::find_if(services_.begin(), services_.end(), [&](const auto& s) { return s.name == name; });
  return hit == services_.end() ? nullptr : &*hit;
}

void sync_peer::perform(const session::seek& order) {
  const auto* s = find(order.service);
  if (s == nullptr) return;
  const bool all_are_news = empty_.contains(order.service);
  s->clients->seek(number_, order.upto != 0 || all_are_news ? order.upto : s->clients->latest());
}

void sync_peer::perform(const session::start_snapshot& order) {
  const auto* s = find(order.service);
  if (s == nullptr) return;
  s->clients->start_snapshot(number_);
}

void sync_peer::perform(const session::start_repair& order) {
  repair& r = repairs_[order.service] = {};
  for (const std::uint16_t bucket : order.buckets) r.buckets.set(bucket);
}

void sync_peer::perform(const session::introduce& order) {
  said_[order.service] = 0;
  if (const auto* s = find(order.service)) name_servers(*s);
}

// Of a server whose name the peer doesn't know it could make nothing.
void sync_peer::name_servers(const shared_service& s) {
  server_id& last = said_[s.number];
  for (auto& [id, identity] : s.servers->after(last)) {
    send(sync_server{.service = s.number, .server = id, .identity = std::move(identity)});
    last = id;
  }
}

// A frame's worth of that kind. True: there is more.
bool sync_peer::collect(const shared_service& s, sync_entries& into) {
  std::array<sync_entry, entries_a_lock> some;
  entry_packer packed(48 * entries_a_frame);
  bool more = true;
  while (more && packed.count() + entries_a_lock <= entries_a_frame) {
    std::size_t got = 0;
    switch (into.kind) {
      case entry_kind::news:
        got = s.clients->news(number_, some, into.upto);
        more = got == some.size() && s.clients->has_news(number_);
        break;
      case entry_kind::snapshot:
        got = empty_.contains(s.number) ? 0 : s.clients->snapshot(number_, some);
        more = got > 0;
        break;
      case entry_kind::repair: {
        repair& r = repairs_[s.number];
        got = s.clients->bucket_entries(r.buckets, r.at, some);
        more = r.at != 0;
        break;
      }
    }
    for (const sync_entry& e : std::span(some).first(got)) packed.add(e);
  }
  if (into.kind == entry_kind::news) told_news_ += packed.count();
  into.packed = packed.take();
  return more;
}

void sync_peer::perform(const session::send_entries& order) {
  const auto* s = find(order.service);
  if (s == nullptr) return results_.push_back(session::sent{.service = order.service, .kind = order.kind});
  sync_entries out{.service = order.service, .kind = order.kind, .upto = 0, .last = false, .packed = {}};
  const bool more = collect(*s, out);
  out.last = order.kind != entry_kind::news && !more;
  const session::sent done{order.service, order.kind, out.upto, more, !out.packed.empty() || order.anyhow || out.last};
  results_.push_back(done);
  if (!done.any) return;
  name_servers(*s);
  send(out);
  breathe();
}

// The kernel may have taken it all at once: then nobody tells us later.
void sync_peer::breathe() {
  if (stream_.unsent() > 0) return;
  asio::post(io_, [this, alive = alive_] {
    if (*alive) feed(session::drained{});
  });
}

void sync_peer::perform(const session::send_digest& order) {
  const auto* s = find(order.service);
  if (s == nullptr) return results_.push_back(session::digested{order.service, false});
  sync_digest out{.service = order.service};
  const table_digest sums = s->clients->digest(out.size);
  const bool any = !s->clients->has_news(number_);
  results_.push_back(session::digested{order.service, any});
  if (!any) return;
  std::copy(sums.sums().begin(), sums.sums().end(), out.sums.begin());
  out.clock = s->clients->clock_marks(steady_ms());
  send(out);
  breathe();
}

void sync_peer::perform(const session::learn& order) {
  const auto* s = find(order.service);
  const auto ours = s == nullptr ? std::nullopt : s->servers->know(order.what.identity);
  if (ours) ours_[{order.service, order.what.server}] = *ours;
}

void sync_peer::perform(const session::merge& order) {
  const auto* s = find(order.name);
  entry_reader reader(order.what.packed);
  std::array<sync_entry, entries_a_lock> some;
  std::size_t count = 0;
  const auto pass_on = [&] {
    if (s != nullptr) s->clients->merge(std::span(some).first(count), steady_ms());
    count = 0;
  };
  while (auto e = reader.next()) {
    if (e->server != nobody) {
      const auto ours = ours_.find({order.name, e->server});
      if (ours == ours_.end()) {
        ++skipped_;
        continue;
      }
      e->server = ours->second;
    }
    some[count++] = *e;
    if (count == some.size()) pass_on();
  }
  pass_on();
  if (reader.broken()) ++skipped_;
  results_.push_back(session::merged{order.what.service, order.what.kind, order.what.upto, order.what.last});
}

void sync_peer::perform(const session::compare& order) {
  session::compared out{.service = order.what.service, .differing = {}, .comparable = false};
  if (const auto* s = find(order.name)) {
    s->clients->meet(order.what.clock, steady_ms());
    std::uint32_t size = 0;
    const table_digest ours = s->clients->digest(size);
    out.comparable = order.what.size <= s->clients->capacity() && size <= order.capacity;
    const auto unsure = order.quiet && !s->clients->has_news(number_) ? std::bitset<digest_buckets>()
                                                                      : touched(*s->clients, order.acknowledged);
    for (std::uint16_t b = 0; b < digest_buckets; ++b) {
      if (!unsure[b] && ours.sums()[b] != order.what.sums[b]) out.differing.push_back(b);
    }
  }
  results_.push_back(std::move(out));
}

void sync_peer::perform(const session::tell& order) {
  if (const auto* news = std::get_if<session_in_sync>(&order.what)) why_not_ = news->why;
  if (std::holds_alternative<session_connected>(order.what)) ++connection_;
  if (std::holds_alternative<session_lost>(order.what)) {
    status.reset();
    for (const shared_service& s : services_) s.clients->unfollow(number_);
  }
  asio::post(io_, [this, alive = alive_, what = order.what] {
    if (*alive) tell_(*this, what);
  });
}

channel_view::node sync_peer::view() const {
  channel_view::node out{.name = machine_.name(),
                         .software = machine_.software(),
                         .trouble = machine_.trouble(),
                         .connected = machine_.connected(),
                         .in_sync = machine_.in_sync(),
                         .why_not = why_not_,
                         .second = others_.trouble(monotonic_now()),
                         .since = machine_.since(),
                         .heard = machine_.heard(),
                         .round_trip = machine_.round_trip(),
                         .offset_us = machine_.offset_us(),
                         .bytes_in = stream_.bytes_in(),
                         .bytes_out = stream_.bytes_out(),
                         .skipped = skipped_,
                         .status = status,
                         .services = {}};
  for (const session::service_view& seen : machine_.view()) {
    channel_view::service one{.seen = seen};
    const auto* s = find(seen.name);
    if (s != nullptr) {
      one.size = static_cast<std::uint32_t>(s->clients->size());
      count_news(*s->clients, seen.acknowledged, one);
    }
    out.services.push_back(std::move(one));
  }
  return out;
}

}  // namespace holdfast
