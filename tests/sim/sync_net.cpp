// Streams between the nodes.
#include "sync/packed.h"
#include "tests/sim/sync_world.h"

namespace holdfast::sim {

namespace {

constexpr duration connect_patience = std::chrono::seconds(1);
constexpr std::size_t most_on_the_way = 20'000;

std::string text(const sync_message& what) {
  if (const auto* s = std::get_if<sync_service>(&what)) return "service with room for " + std::to_string(s->capacity);
  if (const auto* s = std::get_if<sync_server>(&what)) return "server " + s->identity;
  if (const auto* r = std::get_if<sync_resume>(&what)) return "resume " + std::to_string(r->upto);
  if (const auto* a = std::get_if<sync_ack>(&what)) return "ack " + std::to_string(a->upto);
  if (const auto* d = std::get_if<sync_digest>(&what)) return "digest of " + std::to_string(d->size);
  if (const auto* w = std::get_if<sync_want>(&what)) return "want " + std::to_string(w->buckets.size());
  const auto* e = std::get_if<sync_entries>(&what);
  if (e == nullptr) return "message " + std::to_string(what.index());
  constexpr std::array kinds{"news", "snapshot", "repair"};
  std::string out = kinds.at(static_cast<std::size_t>(e->kind));
  entry_reader reader(e->packed);
  while (const auto one = reader.next()) out += ' ' + one->client.text() + '@' + std::to_string(one->used);
  return out + (e->last ? ", the last" : "") + (e->upto != 0 ? ", up to " + std::to_string(e->upto) : "");
}

}  // namespace

duration sync_world::latency(std::size_t a, std::size_t b) {
  const duration most = link_of(a, b).latency;
  return most / 2 + duration(static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most.count() / 2)));
}

bool sync_world::holds(std::uint64_t s, std::size_t end) const {
  const auto found = streams_.find(s);
  if (found == streams_.end() || !found->second.open[end]) return false;
  const auto& its = nodes_[found->second.node[end]].life;
  return its != nullptr && its->number == found->second.life[end];
}

void sync_world::dial(std::size_t n, std::size_t p) {
  const std::uint64_t number = ++numbers_;
  nodes_[n].life->peers.at(p).calling = number;
  nodes_[n].life->peers.at(p).tables.begin();
  put(now_ + connect_patience, {number, 0, unanswered{n, p, stream_end::lost}});
  if (link_of(n, p).cut) return;
  const duration in = latency(n, p);
  if (!alive(p)) return put(now_ + in, {number, 0, unanswered{n, p, stream_end::refused}});
  const stream s{.node = {n, p}, .life = {nodes_[n].life->number, nodes_[p].life->number}, .latest = {now_, now_}};
  streams_.emplace(number, s);
  put(now_ + in, {number, 0, answered{}});
}

void sync_world::say(std::size_t n, std::size_t p, sync_message what) {
  const std::uint64_t number = nodes_[n].life->peers.at(p).stream;
  if (number == 0) return complain("something is said without a connection");
  stream& s = streams_.at(number);
  const std::size_t end = end_of(s, n);
  s.latest[end] = std::max(now_ + latency(n, p), s.latest[end] + duration(1));
  put(s.latest[end], {number, 1 - end, std::move(what)});
  if (queue_.size() > most_on_the_way) complain("messages breed messages");
}

void sync_world::hang_up(std::size_t n, std::size_t p) {
  peer& of = nodes_[n].life->peers.at(p);
  for (std::uint64_t* number : {&of.stream, &of.calling}) {
    const auto found = streams_.find(*number);
    if (found != streams_.end()) close(*number, end_of(found->second, n), stream_end::parted);
    *number = 0;
  }
}

// The other end learns of it after all that was said before.
void sync_world::close(std::uint64_t number, std::size_t end, stream_end how) {
  stream& s = streams_.at(number);
  if (!s.open[end]) return;
  s.open[end] = false;
  s.latest[end] = std::max(now_ + latency(s.node[0], s.node[1]), s.latest[end] + duration(1));
  put(s.latest[end], {number, 1 - end, over{how}});
}

void sync_world::arrive(delivery d) {
  if (const auto* u = std::get_if<unanswered>(&d.what)) {
    if (!alive(u->node) || nodes_[u->node].life->peers.at(u->peer).calling != d.stream) return;
    nodes_[u->node].life->peers.at(u->peer).calling = 0;
    return feed(u->node, u->peer, session::ended{u->why});
  }
  const auto found = streams_.find(d.stream);
  if (found == streams_.end()) return;
  stream& s = found->second;
  const std::size_t n = s.node[d.end], p = s.node[1 - d.end];
  if (!s.open[0] && !s.open[1]) {
    streams_.erase(found);
    return;
  }
  if (!holds(d.stream, d.end)) {  // a program that has gone; a machine without power says nothing
    if (!nodes_[n].dark) close(d.stream, d.end, stream_end::closed);
    return;
  }
  peer& of = nodes_[n].life->peers.at(p);
  if (std::holds_alternative<answered>(d.what)) {
    if (of.calling != d.stream) return close(d.stream, 0, stream_end::parted);
    of.calling = 0;
    of.stream = d.stream;
    feed(n, p, session::opened{});
  } else if (std::holds_alternative<taken>(d.what)) {
    if (of.stream == d.stream) feed(n, p, sender::drained{});
  } else if (const auto* end = std::get_if<over>(&d.what)) {
    s.open[d.end] = false;
    if (of.stream != d.stream && of.calling != d.stream) return;
    (of.stream == d.stream ? of.stream : of.calling) = 0;
    feed(n, p, session::ended{end->why});
  } else {
    arrive_message(d.stream, d.end, std::get<sync_message>(std::move(d.what)));
  }
}

void sync_world::arrive_message(std::uint64_t number, std::size_t end, sync_message what) {
  const stream& s = streams_.at(number);
  const std::size_t n = s.node[end], p = s.node[1 - end];
  if (nodes_[n].life->peers.at(p).stream != number) return greet(number, what);
  if (say_) tell(nodes_[n].setup.name + " hears " + nodes_[p].setup.name + " say " + text(what));
  feed(n, p, session::received{std::move(what), wall_us(n)});
}

// Of a caller that is nobody yet.
void sync_world::greet(std::uint64_t number, const sync_message& what) {
  const stream& s = streams_.at(number);
  const std::size_t n = s.node[1], p = s.node[0];
  peer& of = nodes_[n].life->peers.at(p);
  const auto* hello = std::get_if<sync_hello>(&what);
  if (hello == nullptr || !of.machine().objection(*hello).empty()) return close(number, 1, stream_end::parted);
  hang_up(n, p);
  of.stream = number;
  of.tables.begin();
  feed(n, p, session::called{*hello});
}

// While a link is cut, what would arrive waits, for the kernels try again and again.
void sync_world::put(instant when, delivery d) {
  const auto found = streams_.find(d.stream);
  if (found == streams_.end() || std::holds_alternative<taken>(d.what)) {
    queue_.emplace(when, std::move(d));
    return;
  }
  link& l = link_of(found->second.node[0], found->second.node[1]);
  if (l.cut) {
    l.held.push_back(std::move(d));
  } else {
    queue_.emplace(when, std::move(d));
  }
}

void sync_world::cut(std::size_t a, std::size_t b, bool cut) {
  link& l = link_of(a, b);
  if (l.cut == cut) return;
  tell(nodes_[a].setup.name + " - " + nodes_[b].setup.name + (cut ? " cut" : " whole"));
  l.cut = cut;
  if (cut) {
    for (auto next = queue_.begin(); next != queue_.end();) {
      const auto one = next++;
      const auto found = streams_.find(one->second.stream);
      const bool crosses = found != streams_.end() && &link_of(found->second.node[0], found->second.node[1]) == &l;
      if (crosses && !std::holds_alternative<taken>(one->second.what)) {
        l.held.push_back(std::move(queue_.extract(one).mapped()));
      }
    }
  } else {
    instant when = now_ + l.latency;
    for (delivery& d : std::exchange(l.held, {})) {
      const auto found = streams_.find(d.stream);
      if (found == streams_.end()) continue;
      found->second.latest[1 - d.end] = when += duration(1);
      put(when, std::move(d));
    }
  }
}

void sync_world::slow(std::size_t a, std::size_t b, duration latency) { link_of(a, b).latency = latency; }

void sync_world::reset(std::size_t a, std::size_t b) {
  tell(nodes_[a].setup.name + " - " + nodes_[b].setup.name + " reset");
  for (auto& [number, s] : streams_) {
    const bool between = (s.node[0] == a && s.node[1] == b) || (s.node[0] == b && s.node[1] == a);
    if (!between) continue;
    lose(number, 0);
    lose(number, 1);
    for (const std::size_t end : {0, 1}) {
      if (s.open[end]) put(now_, {number, end, over{stream_end::lost}});
    }
  }
}

// What is on the way to this end.
void sync_world::lose(std::uint64_t number, std::size_t end) {
  const auto is_it = [&](const delivery& d) { return d.stream == number && d.end == end; };
  std::erase_if(queue_, [&](const auto& one) { return is_it(one.second); });
  for (auto& [who, l] : links_) std::erase_if(l.held, is_it);
}

void sync_world::die(std::size_t n, bool told) {
  for (auto& [number, s] : streams_) {
    for (const std::size_t end : {0, 1}) {
      if (s.node[end] != n || !s.open[end]) continue;
      if (random_() % 2 == 0) lose(number, 1 - end);
      if (told) close(number, end, stream_end::closed);
    }
  }
}

void sync_world::heal() {
  for (auto& [who, l] : links_) {
    cut(who.first, who.second, false);
    l.latency = link{}.latency;
  }
}

}  // namespace holdfast::sim
