#include "vrrp/kernel/port_io.h"

#include <algorithm>

#include "base/clock_io.h"
#include "vrrp/kernel/instance_io.h"
#include "vrrp/kernel/netlink_io.h"

namespace holdfast {

namespace {

constexpr duration asks_for_primary_every{std::chrono::minutes(1)};

}  // namespace

router_port::router_port(boost::asio::io_context& io, netlink& kernel, router_plan plan, bool mac_virtual, hooks tell)
    : io_(io),
      kernel_(kernel),
      plan_(std::move(plan)),
      mac_virtual_(mac_virtual),
      tell_(std::move(tell)),
      advert_(plan_.says),
      addresses_(plan_.addresses),
      announcing_(io, [this] { send_due(); }),
      asking_(io, [this] { ask_for_primary(); }) {
  announcer_.on(announcer::changed{plan_.announces}, monotonic_now());
}

router_port::~router_port() { detach(); }

result<void, std::string> router_port::attach(const link_state& parent, const address& primary,
                                              const address& link_local) {
  primary_ = primary;
  advert_.lives_at(link_local);
  if (attached() && parent_ == parent.index) {
    follow(parent);
    return {};
  }
  detach();
  parent_ = parent.index;
  index_ = parent.index;
  mac_ = parent_mac_ = parent.mac;
  std::string name = parent.name;
  if (mac_virtual_) {
    const instance wanted{parent.index, plan_.key.id, plan_.key.six};
    const auto made = make_instance(kernel_, wanted);
    if (!made) return made.error();
    index_ = *made;
    mac_ = wanted.mac();
    name = wanted.name();
  }
  // What is sent to our own address comes to the interface that has it.
  const bool unicast = !plan_.says.peers.empty();
  auto socket = advert_socket::open(unicast ? parent_ : index_, unicast ? parent.name : name, plan_.key.six);
  if (!socket) return socket.error();
  auto neighbours = neighbour_socket::to_speak(index_);
  if (!neighbours) return neighbours.error();
  advert_socket_.emplace(std::move(*socket));
  neighbours_.emplace(std::move(*neighbours));
  join_groups();
  if (!plan_.key.six) {
    if (auto kept = keep_later_addresses(kernel_, index_); !kept) tell_.trouble(kept.error());
  }
  advert_ready_ = std::make_unique<readable>(io_, advert_socket_->fd(), [this] { tell_.woken(); });
  watch_claims();
  return {};
}

// Somebody has given the interface another MAC: the neighbours must learn where our addresses are now.
void router_port::follow(const link_state& parent) {
  if (parent.mac == parent_mac_) return;
  parent_mac_ = parent.mac;
  if (mac_virtual_) return;
  mac_ = parent.mac;
  if (holds()) announce();
}

void router_port::join_groups() {
  auto joined = solicited_groups::join(index_, addresses_.hosts());
  if (!joined) return tell_.trouble(joined.error());
  groups_.emplace(std::move(*joined));
}

void router_port::detach() {
  release_addresses();
  stop_probe();
  asking_.set(std::nullopt);
  claims_ready_.reset();
  claims_socket_.reset();
  groups_.reset();
  advert_ready_.reset();
  advert_socket_.reset();
  neighbours_.reset();
  if (mac_virtual_ && parent_ != 0) {
    const auto done = remove_instance(kernel_, {parent_, plan_.key.id, plan_.key.six});
    if (!done) tell_.trouble(done.error());
  }
  parent_ = 0;
}

void router_port::change(router_plan to, std::chrono::seconds lease) {
  const auto before = addresses();
  const bool anew = plan_.announces != to.announces;
  plan_ = std::move(to);
  addresses_.change(plan_.addresses);
  announcer_.on(announcer::changed{plan_.announces}, monotonic_now());
  advert_.change(plan_.says);
  if (attached()) join_groups();
  if (!holds()) return;
  const auto after = addresses();
  const auto gone = only_in(before, after), fresh = only_in(after, before);
  report(remove_addresses(kernel_, gone));
  for (const leased_address& a : gone) announcer_.on(announcer::withdraw{a.host}, monotonic_now());
  report(put_addresses(kernel_, fresh, lease));
  for (const leased_address& a : anew ? after : fresh) {
    announcer_.on(announcer::announce{a.host}, monotonic_now());
  }
  send_due();
}

void router_port::advertise_every(duration interval) {
  plan_.says.interval = interval;
  advert_.change(plan_.says);
}

void router_port::drain(const hmac_policy& hmac, const acquaintances& known) {
  if (!advert_socket_) return;
  const auto take = [&](std::span<const std::uint8_t> message, const advert_facts& facts) {
    const auto what = advert_.hear(message, facts, primary_, hmac, monotonic_now(), wall_now(), known);
    what ? tell_.heard(*what) : tell_.refused(what.error(), facts);
  };
  constexpr int most_turns = 64;  // of 256: a flood must not keep us from our timers
  for (int turn = 0; turn < most_turns && advert_socket_ && advert_socket_->receive_all(take); ++turn) {
  }
}

void router_port::advertise(std::uint8_t priority, bool peers_are_ours, const hmac_policy& hmac) {
  if (!advert_socket_) return;
  advert_.speak(priority, primary_, peers_are_ours, hmac, wall_now(),
                [this](std::span<const std::uint8_t> message, const address& to) {
                  const auto sent = advert_socket_->send(message, primary_, to);
                  if (!sent) tell_.trouble(sent.error());
                });
}

std::vector<leased_address> router_port::addresses() const { return addresses_.to_put_on(index_); }

bool router_port::has(int index, const address& host) const { return index == index_ && addresses_.has(host); }

void router_port::report(const lease_report& done) {
  for (const auto& one : done.refused) tell_.trouble(one.what.host.text() + ": " + one.why);
}

void router_port::take_addresses(std::chrono::seconds lease) {
  addresses_.take(monotonic_now());
  report(put_addresses(kernel_, addresses(), lease));
}

void router_port::renew_addresses(std::chrono::seconds lease) {
  if (holds() && lease.count() > 0) report(::holdfast::renew_addresses(kernel_, addresses(), lease));
}

void router_port::release_addresses() {
  announcer_.on(announcer::withdraw_all{}, monotonic_now());
  announcing_.set(std::nullopt);
  if (addresses_.release()) report(remove_addresses(kernel_, addresses()));
}

void router_port::announce() {
  const instant now = monotonic_now();
  for (const vrrp_address& a : plan_.addresses) announcer_.on(announcer::announce{a.host}, now);
  send_due();
}

void router_port::send_due() {
  const instant now = monotonic_now();
  for (const announcer::send& one : announcer_.on(wake{}, now)) send(one.how, one.who);
  announcing_.set(announcer_.deadline());
}

void router_port::send(announcement how, const address& who) {
  if (!neighbours_) return;
  const auto sent = neighbours_->send(::holdfast::announce(how, who, mac_));
  if (!sent) tell_.trouble(sent.error());
}

void router_port::watch_claims() {
  auto socket = neighbour_socket::to_watch(index_, plan_.key.six);
  if (!socket) return tell_.trouble(socket.error());
  claims_socket_.emplace(std::move(*socket));
  claims_ready_ = std::make_unique<readable>(io_, claims_socket_->fd(), [this] { hear_claims(); });
  ask_for_primary();
}

void router_port::hear_claims() {
  constexpr int most = 64;  // a storm of ARP must not keep us from adverts
  const auto hear = [this](std::span<const std::uint8_t> bytes) {
    const auto claim = plan_.key.six ? claim_in_message(bytes) : claim_in(bytes);
    if (!claim || claim->mac == mac_ || claim->mac == parent_mac_ || !is_ours_now(claim->who)) return;
    tell_.claimed(claim->who, claim->mac);
  };
  claims_socket_->receive_all(hear, most);
}

bool router_port::is_ours_now(const address& who) const {
  return who == primary_ || addresses_.is_ours_now(who, monotonic_now());
}

// Not from a virtual MAC: a switch would look for it here, whoever is active.
void router_port::ask_for_primary() {
  if (mac_virtual_) return;
  send(announcement::question, primary_);
  asking_.set(monotonic_now() + asks_for_primary_every);
}

void router_port::probe(const address& who, std::function<void()> answered) {
  std::erase_if(questions_, [&](const question& one) { return one.who == who; });
  questions_.push_back({who, std::move(answered)});
  if (!probe_socket_) {
    auto socket = neighbour_socket::to_hear(parent_);
    if (!socket) return tell_.trouble(socket.error());
    probe_socket_.emplace(std::move(*socket));
    probe_ready_ = std::make_unique<readable>(io_, probe_socket_->fd(), [this] { hear_answers(); });
  }
  const auto sent = probe_socket_->send(ask_for(who, primary_, parent_mac_));
  if (!sent) tell_.trouble(sent.error());
}

void router_port::hear_answers() {
  std::vector<std::function<void()>> say;
  probe_socket_->receive_all([&](std::span<const std::uint8_t> frame) {
    const auto claim = claim_in(frame);
    if (!claim || !claim->answered) return;
    const auto asked = std::ranges::find(questions_, claim->who, &question::who);
    if (asked == questions_.end()) return;
    say.push_back(std::move(asked->answered));
    questions_.erase(asked);
  });
  if (say.empty()) return;
  if (questions_.empty()) stop_probe();  // ends our caller's function object, too
  for (const auto& one : say) one();
}

void router_port::stop_probe() {
  questions_.clear();
  probe_ready_.reset();
  probe_socket_.reset();
}

}  // namespace holdfast
