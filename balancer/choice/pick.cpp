#include "balancer/choice/pick.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "base/ensure.h"
#include "base/random.h"

namespace holdfast {

namespace {

constexpr std::size_t least_compares_all_below = 8;
constexpr std::uint64_t least_draws = 16;
constexpr std::uint8_t most_follows = 4;

// The same on every node: no seed, no byte order.
std::uint64_t client_hash(const pool& p, const client_facts& client) {
  std::uint64_t h = p.policy.roundrobin || client.is_nameless() ? client.port : 0;
  const address key = p.key_of(client.from);
  for (const std::uint8_t byte : key.bytes()) h = (h ^ byte) * 0x100000001b3;
  return mixed_bits(h);
}

// Which servers this client may have now. left: whether its order may still come to a server; null = to each.
class choice {
 public:
  using may_follow = std::function<bool(std::size_t i)>;
  choice(const pool& p, const client_facts& client, instant now, may_follow left = nullptr)
      : pool_(p), client_(client), now_(now), left_(std::move(left)) {}

  std::size_t size() const { return pool_.servers.size(); }
  const server& at(std::size_t i) const { return pool_.servers[i]; }
  std::uint64_t load(std::size_t i) const { return at(i).live->connections.load(std::memory_order_relaxed); }

  // Connects that failed or wait are no reason to send clients away where nobody else is left: then they do not count.
  bool available(std::size_t i) { return takes(i) && (!is_doubtful(i) || nobody_else()); }

  // Whatever connects to it have met.
  bool takes(std::size_t i) {
    const server& s = at(i);
    const bool returns = client_.remembered == s.id;
    return may_have(s) && (!s.drain || returns) && has_room(i, returns) && is_up(s);
  }

  // Where this client's other connections are on their way to: all of them are one visit, so neither limits nor doubts
  // part them.
  bool joins(std::size_t i) { return may_have(at(i)) && is_up(at(i)); }

  // Slow start: few choose a server that has just come back, then more and more. toss: random bits.
  bool passes_toss(std::size_t i, std::uint64_t toss) const {
    const duration length = pool_.policy.slow_start;
    const auto back = length > duration::zero() ? at(i).live->returned(now_) : std::nullopt;
    if (!back || now_ - *back >= length) return true;
    const double chance = std::max(0.1, std::chrono::duration<double>(now_ - *back) / length);
    return static_cast<double>(mixed_bits(~(toss ^ at(i).identity_hash)) >> 11) * 0x1p-53 < chance;
  }

 private:
  bool may_have(const server& s) const {
    return s.usable && !s.live->is_disabled_for_now(now_) && s.permits->permits(client_.from, client_.country_code);
  }

  // Who belongs there goes on until so many wait in silence: a burst of connects is no reason to part a client from its
  // server.
  bool is_doubtful(std::size_t i) const {
    const reach_live& r = reach(at(i));
    const bool returns = client_.remembered == at(i).id;
    const bool many = r.pending.load(std::memory_order_relaxed) >= pool_.policy.pending_max;
    return r.is_blacklisted(now_) || (many && !returns) || ((many || !returns) && r.is_silent(now_));
  }

  const reach_live& reach(const server& s) const { return s.reach(client_.listener_port); }

  // The emergency server is somebody, too.
  bool nobody_else() {
    if (pool_.emergency && !pool_.policy.stubborn) return false;
    if (alone_) return *alone_;
    bool others = false;
    for (std::size_t i = 0; !others && i < size(); ++i) {
      others = (!left_ || left_(i)) && !is_doubtful(i) && takes(i);
    }
    alone_ = !others;
    return *alone_;
  }

  // Pen's limits: `hard` only ever adds room beyond `max`, and only for a client that was here before.
  bool has_room(std::size_t i, bool returns) const {
    const server& s = at(i);
    return s.max == 0 || load(i) < s.max || (returns && load(i) < s.hard);
  }

  bool is_up(const server& s) {
    if (s.live->up.load(std::memory_order_relaxed) && reach(s).up.load(std::memory_order_relaxed)) return true;
    if (!panic_) panic_ = pool_.panic(now_);
    return *panic_;
  }

  const pool& pool_;
  const client_facts& client_;
  instant now_;
  may_follow left_;
  std::optional<bool> panic_;  // counted once, and only if some server is down
  std::optional<bool> alone_;  // looked up once, and only for a server in doubt
};

// The server with the smallest key among those that fit; the first of equals.
template <class Fit, class Key>
std::uint16_t smallest(std::size_t count, Fit fit, Key key) {
  std::uint16_t best = no_server_index;
  for (std::size_t i = 0; i < count; ++i) {
    if (fit(i) && (best == no_server_index || key(i) < key(best))) best = static_cast<std::uint16_t>(i);
  }
  return best;
}

template <class Fit>
std::uint16_t least_loaded(const choice& c, Fit fit, std::uint64_t random) {
  std::uint16_t one = no_server_index;
  // Of many servers, the better of two: comparing all would send a burst of clients to the same one.
  for (std::uint64_t draw = 1; c.size() >= least_compares_all_below && draw <= least_draws; ++draw) {
    const auto i = static_cast<std::uint16_t>(mixed_bits(random + draw) % c.size());
    if (i == one || !fit(i)) continue;
    if (one != no_server_index) return c.load(i) < c.load(one) ? i : one;
    one = i;
  }
  return smallest(c.size(), fit, [&](std::size_t i) {
    return std::pair(c.load(i), mixed_bits(random ^ c.at(i).identity_hash));  // equals: any
  });
}

template <class Fit>
std::uint16_t after_cursor(const pool& p, Fit fit) {
  const std::size_t n = p.servers.size();
  const std::uint32_t last = p.live->cursor.load(std::memory_order_relaxed);
  for (std::size_t step = 1; step <= n; ++step) {
    const auto i = static_cast<std::uint16_t>((last + step) % n);
    if (!fit(i)) continue;
    p.live->cursor.store(i, std::memory_order_relaxed);
    return i;
  }
  return no_server_index;
}

// Rendezvous hashing: each client ranks the servers in its own way. A removed server takes only its own clients along.
auto rank(const pool& p, std::size_t i, std::uint64_t client) {
  return std::pair(~mixed_bits(client ^ p.servers[i].host_hash), i);
}

// Weights count as soon as one server has one. Where none has (Pen writes `weight 0` for all) 0 means nothing.
bool weighs(const pool& p) {
  return std::any_of(p.servers.begin(), p.servers.end(), [](const server& s) { return s.usable && s.weight > 0U; });
}

// Smooth weighted round robin among those that fit (as nginx does it): in each turn everyone moves on by its weight,
// and the one furthest ahead is chosen and falls back by the sum.
template <class Fit>
std::uint16_t in_turn_by_weight(const choice& c, Fit fit) {
  std::uint16_t best = no_server_index;
  std::int64_t furthest = 0, sum = 0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    if (!fit(i)) continue;
    const std::int64_t weight = c.at(i).weight.value_or(1);
    const std::int64_t turn = c.at(i).live->turn.fetch_add(weight, std::memory_order_relaxed) + weight;
    sum += weight;
    if (best != no_server_index && turn <= furthest) continue;
    best = static_cast<std::uint16_t>(i);
    furthest = turn;
  }
  if (best != no_server_index) c.at(best).live->turn.fetch_sub(sum, std::memory_order_relaxed);
  return best;
}

// The smallest key, and among equals by weight.
template <class Fit, class Key>
std::uint16_t smallest_by_weight(const choice& c, Fit fit, Key key) {
  const std::uint16_t first = smallest(c.size(), fit, key);
  if (first == no_server_index) return first;
  const auto least = key(first);
  std::vector<bool> equal(c.size());
  for (std::size_t i = 0; i < c.size(); ++i) equal[i] = fit(i) && key(i) == least;
  return in_turn_by_weight(c, [&](std::size_t i) { return equal[i]; });
}

// Where a client goes that is not remembered. Pen's precedence, with `least` before `hash`.
template <class Fit>
std::uint16_t initial(const pool& p, const choice& c, Fit may, std::uint64_t client, std::uint64_t random) {
  const service_settings& how = p.policy;
  const bool weighted = weighs(p);
  const auto fit = [&](std::size_t i) { return !(weighted && c.at(i).weight == 0U) && may(i); };
  const auto prio = [&](std::size_t i) { return c.at(i).prio; };
  const auto share = [&](std::size_t i) { return c.load(i) * 256 / c.at(i).weight.value_or(1); };
  if (how.prio) return weighted ? smallest_by_weight(c, fit, prio) : smallest(c.size(), fit, prio);
  if (how.weight && weighted) return smallest_by_weight(c, fit, share);
  if (how.least && weighted) return smallest_by_weight(c, fit, [&](std::size_t i) { return c.load(i); });
  if (how.least) return least_loaded(c, fit, random);
  if (how.hash) return smallest(c.size(), fit, [&](std::size_t i) { return rank(p, i, client); });
  return weighted ? in_turn_by_weight(c, fit) : after_cursor(p, fit);
}

}  // namespace

std::string client_text(const address& from) { return from == address() ? nameless_client : from.text(); }

order::order(const pool& p, const client_facts& client, instant now, std::uint64_t random) {
  const service_settings& how = p.policy;
  refused_by_acl_ = !p.client_acl->permits(client.from, client.country_code);
  if (refused_by_acl_) {
    kind_ = p.abuse ? kind::abuse : kind::refused;
    return;
  }
  const bool plain = how.prio || (how.weight && weighs(p));
  kind_ = how.hash && !how.least && !plain ? kind::rendezvous : kind::cyclic;
  choice c(p, client, now);
  const server* known = client.remembered && !how.roundrobin ? p.find(*client.remembered) : nullptr;
  if (known != nullptr) {
    first_ = static_cast<std::uint16_t>(known - p.servers.data());
    // Pen sends all clients of a dead server to the one after it. With `least` they spread like new ones, and with
    // `hash` each has a ranking of its own.
    const bool spread = how.least && !plain && !how.stubborn;
    if (!spread || c.available(first_)) return;
  }
  const std::uint64_t hash = how.hash ? client_hash(p, client) : 0;
  const std::uint64_t toss = how.hash ? hash : random;  // with `hash` a client's toss stays the same, too
  first_ = initial(p, c, [&](std::size_t i) { return c.available(i) && c.passes_toss(i, toss); }, hash, random);
  if (first_ == no_server_index) first_ = initial(p, c, [&](std::size_t i) { return c.available(i); }, hash, random);
  // Those with a weight are all in doubt: the order begins there, and others may stand in.
  if (first_ == no_server_index && weighs(p))
    first_ = initial(p, c, [&](std::size_t i) { return c.takes(i); }, hash, random);
  if (first_ == no_server_index && known != nullptr) first_ = static_cast<std::uint16_t>(known - p.servers.data());
}

std::optional<target> order::next(const pool& p, const client_facts& client, instant now) {
  if (kind_ == kind::refused) return std::nullopt;
  if (kind_ == kind::abuse) {
    kind_ = kind::refused;
    return target{target_kind::abuse, 0};
  }
  if (first_ != no_server_index) {
    const auto found = kind_ == kind::cyclic ? next_in_turn(p, client, now) : next_in_rank(p, client, now);
    if (found != no_server_index) return target{target_kind::server, found};
  }
  kind_ = kind::refused;
  if (!p.emergency || p.policy.stubborn) return std::nullopt;
  return target{target_kind::emergency, 0};
}

std::optional<target> order::follow(const pool& p, const client_facts& client, instant now, const server& to) {
  const auto i = static_cast<std::uint16_t>(&to - p.servers.data());
  if (followed_ == most_follows || !choice(p, client, now).joins(i)) return std::nullopt;
  ++followed_;
  first_ = i;
  tried_ = 1;
  last_ = no_server_index;
  return target{target_kind::server, i};
}

std::uint16_t order::next_in_turn(const pool& p, const client_facts& client, instant now) {
  const std::size_t n = p.servers.size();
  choice c(p, client, now, [&](std::size_t i) { return (i + n - first_) % n >= tried_; });
  const std::size_t most = p.policy.stubborn ? 1 : n;
  while (tried_ < most) {
    const std::size_t i = (std::size_t{first_} + tried_++) % n;
    if (c.available(i)) return static_cast<std::uint16_t>(i);
  }
  return no_server_index;
}

std::uint16_t order::next_in_rank(const pool& p, const client_facts& client, instant now) {
  const std::uint64_t hash = client_hash(p, client);
  const auto place = [&](std::size_t i) { return rank(p, i, hash); };
  const std::uint16_t former = last_;
  const auto is_left = [&](std::size_t i) {
    return i != first_ && (former == no_server_index || place(former) < place(i));
  };
  choice c(p, client, now, std::cref(is_left));
  if (tried_++ == 0 && c.available(first_)) return first_;
  if (p.policy.stubborn) return no_server_index;
  last_ = smallest(c.size(), [&](std::size_t i) { return is_left(i) && c.available(i); }, place);
  return last_;
}

const server& server_of(const pool& p, target t) {
  if (t.kind == target_kind::server) return p.servers[t.index];
  const auto& extra = t.kind == target_kind::emergency ? p.emergency : p.abuse;
  ensure(extra);
  return *extra;
}

}  // namespace holdfast
