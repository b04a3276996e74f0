#include "vrrp/agent/group_io.h"

#include <algorithm>

#include "base/clock_io.h"
#include "vrrp/agent/group_view.h"
#include "vrrp/kernel/connections_io.h"

namespace holdfast {

group_driver::group_driver(boost::asio::io_context& io, netlink& kernel, std::string node, group_plan plan,
                           hmac_policy hmac, std::span<const duration> activations, hooks tell)
    : io_(io),
      kernel_(kernel),
      node_(std::move(node)),
      plan_(std::move(plan)),
      hmac_(std::move(hmac)),
      tell_(std::move(tell)),
      machine_(group(parameters_of(node_, plan_))),
      track_(track_of(plan_)),
      tempo_(tempo_of(plan_.said)),
      alarm_(io, [this] { turn(); }),
      lateness_(monotonic_now()) {
  for (std::size_t n = 0; n < plan_.routers.size(); ++n) {
    ports_.push_back(
        std::make_unique<router_port>(io_, kernel_, plan_.routers[n], plan_.said.mac_virtual, hooks_for(n)));
  }
  for (const duration when : activations) feed(group::activated_before{instant(when)});
  if (const auto& first = track_.verdict(); first.is != fitness::fit) {
    feed(group::judged{"balancer", first.is, first.why});
  }
}

group_driver::~group_driver() = default;

router_port::hooks group_driver::hooks_for(std::size_t n) {
  return {
      .woken = [this] { turn(); },
      .heard =
          [this, n](const advert_exchange::heard& what) {
            if (!what.same_addresses && what.priority > 0) {
              note_once(other_addresses_note(what.from, plan_.routers[n].key));
            }
            if (what.priority > 0) feed_tempo(tempo::heard{what.from});
            feed(group::heard{n, what.priority, what.interval, what.from});
          },
      .refused = [this, n](const advert_exchange::refusal& why, const advert_facts& facts) { refused(n, why, facts); },
      .trouble = [this](const std::string& why) { note_once({why, "system=refused"}); },
      .claimed = [this, n](const address& who, const mac_address& mac) { claimed(n, who, mac); }};
}

void group_driver::claimed(std::size_t n, const address& who, const mac_address& mac) {
  if (!rivals_.claim(who, mac, monotonic_now())) return;
  tell_.noted(conflict_note(who, who == ports_[n]->primary(), mac, plan_.routers[n].key));
}

void group_driver::refused(std::size_t n, const advert_exchange::refusal& why, const advert_facts& facts) {
  if (why == advert_exchange::refusal(advert_refusal::unknown_id)) return;  // other groups' adverts pass here, too
  if (why == advert_exchange::refusal(advert_exchange::mismatch::stranger)) return met_stranger(n, facts.ends.source);
  const std::string cause(advert_exchange::name_of_refusal(advert_exchange::kind_of(why)));
  note_once(refusal_note(facts.ends.source, plan_.routers[n].key, cause));
}

// It hears us all the same, and may know only the slow interval.
void group_driver::met_stranger(std::size_t n, const address& who) {
  if (plan_.said.peers.empty()) feed_tempo(tempo::heard{who});
  note_once(stranger_note(who, plan_.routers[n].key));
}

void group_driver::note_once(const group::noted& what) {
  if (said_.is_news(what.what, monotonic_now())) tell_.noted(what);
}

group::parameters group_driver::parameters() const {
  group::parameters p = parameters_of(node_, plan_);
  p.interval = tempo_.interval();
  for (std::size_t n = 0; n < ports_.size(); ++n) p.routers[n] = ports_[n]->primary();
  return p;
}

// The adverts say the interval before one goes out because of it.
void group_driver::renew_parameters() {
  for (const auto& port : ports_) port->advertise_every(tempo_.interval());
  if (const auto now = parameters(); now != machine().config()) feed(group::changed{now});
}

void group_driver::change(group_plan to, hmac_policy hmac) {
  plan_ = std::move(to);
  hmac_ = std::move(hmac);
  for (std::size_t n = 0; n < ports_.size(); ++n) {
    if (ports_[n]->plan() != plan_.routers[n]) ports_[n]->change(plan_.routers[n], lease());
  }
  feed_track(track::changed{track_of(plan_)});
  feed_tempo(tempo::changed{tempo_of(plan_.said)});
  renew_parameters();
}

void group_driver::look_at_clock() {
  const auto late = lateness_.look(due(), monotonic_now());
  if (!late) return;
  if (*late >= tempo_.interval()) tell_.noted(late_note(*late));
  feed_track(track::overslept{*late});
  feed(group::overslept{*late});
  feed_tempo(tempo::overslept{*late});
}

void group_driver::drain() {
  for (const auto& port : ports_) port->drain(hmac_, known_);
}

void group_driver::turn() {
  look_at_clock();
  drain();
  if (track_.deadline() && monotonic_now() >= *track_.deadline()) {
    tell_.drain_balancer();
    feed_track(wake{});
  }
  feed_tempo(wake{});
  feed(wake{});
}

void group_driver::feed(const group::event& what) {
  const bool told = machine_.feed(what, monotonic_now, [this](const group::effects& orders) {
    end_connections(orders);
    for (const auto& order : orders) std::visit([this](const auto& o) { perform(o); }, order);
  });
  if (told) arm();
}

// What can't live on without the addresses hears so first, as long as we can speak from them; then the others take
// over.
void group_driver::end_connections(const group::effects& orders) {
  std::vector<address> leaving;
  for (const auto& order : orders) {
    const auto* o = std::get_if<group::release_addresses>(&order);
    if (o == nullptr || !ports_[o->router]->holds()) continue;
    for (const leased_address& a : ports_[o->router]->addresses()) leaving.push_back(a.host);
  }
  if (leaving.empty()) return;
  const ended_connections ended = ::holdfast::end_connections(leaving, goodbye_most);
  if (!ended.trouble.empty()) note_once({ended.trouble, "connections=left"});
  if (ended.count > 0) tell_.noted(ended_note(ended.count, ended.all));
}

void group_driver::feed_track(const track::event& what) {
  if (const auto* c = std::get_if<condition>(&what)) feed(group::synced{c->in_sync});
  if (const auto* l = std::get_if<holdfast::look>(&what)) {
    feed(group::looked{l->alive, instant(std::chrono::milliseconds(l->at))});
  }
  for (const auto& verdict : track_.on(what, monotonic_now())) {
    const auto& said = std::get<track::judged>(verdict);
    feed(group::judged{"balancer", said.is, said.why});
  }
  arm();
}

void group_driver::feed_tempo(const tempo::event& what) {
  for (const auto& order : tempo_.on(what, monotonic_now())) {
    std::visit([this](const auto& o) { perform(o); }, order);
  }
  arm();
}

std::optional<instant> group_driver::due() const {
  std::optional<instant> first;
  for (const auto& one : {machine().deadline(), track_.deadline(), tempo_.deadline()}) {
    if (one && (!first || *one < *first)) first = one;
  }
  return first;
}

void group_driver::arm() { alarm_.set(due()); }

void group_driver::perform(const group::advertise& o) {
  ports_[o.router]->advertise(o.priority, tell_.peers_are_ours(), hmac_);
}
void group_driver::perform(const group::take_addresses& o) { ports_[o.router]->take_addresses(lease()); }
void group_driver::perform(const group::announce& o) { ports_[o.router]->announce(); }
void group_driver::perform(const group::release_addresses& o) { ports_[o.router]->release_addresses(); }

void group_driver::perform(const group::probe_peer& o) {
  tell_.ask_peer(o.node);
  const auto peer = peers_.find(o.node);
  if (peer == peers_.end()) return;
  for (const auto& port : ports_) {
    const address& front = front_of(peer->second, port->plan().key.six);
    if (front == address() || !port->attached()) continue;
    return port->probe(front, [this] { feed(group::peer_answered{}); });
  }
}

void group_driver::perform(const group::probe_watch&) {
  const auto& who = plan_.said.watch;
  const auto port = std::ranges::find_if(
      ports_, [&](const auto& one) { return who && one->plan().key.six != who->is_v4() && one->attached(); });
  if (port != ports_.end()) (*port)->probe(*who, [this] { feed(group::watch_answered{}); });
}

void group_driver::perform(const group::ask_peer& o) { tell_.ask_peer(o.node); }
void group_driver::perform(const group::report&) { tell_.report(); }

void group_driver::perform(const group::moved& o) {
  if (o.to == role::active) ++epoch_;
  for (const auto& port : ports_) port->stop_probe();
  tell_.moved(o);
}

void group_driver::perform(const group::noted& o) { tell_.noted(o); }

void group_driver::perform(const tempo::advertise_every& o) {
  if (!o.why.empty()) tell_.noted(rhythm_note(o));
  renew_parameters();
}

void group_driver::perform(const tempo::report&) { tell_.report(); }

void group_driver::look(const link_table& links, const std::vector<address_state>& addresses) {
  look_at_clock();
  for (const auto& port : ports_) look_at(*port, links, addresses);
  for (const std::string& name : plan_.said.track) judge(name, trouble_with(name, links));
  renew_parameters();
  if (!std::exchange(started_, true)) feed(group::started{});
}

void group_driver::look_at(router_port& port, const link_table& links, const std::vector<address_state>& addresses) {
  const router_key& key = port.plan().key;
  judge(key.interface, trouble_with(key.interface, links));
  const router_place there = place_of(port.plan(), plan_.said, links, addresses);
  if (!there.on) return port.detach();
  if (port.spare(there.own)) {
    for (const auto& a : there.own) {
      note_once({own_address_sentence(a.host, key.interface, plan_.said.priority), "address=own"});
    }
  }
  if (!there.why_not.empty()) return judge(name_of(key), there.why_not);
  for (const address& host : there.beyond) note_once(beyond_note(host, key));
  const auto open = port.attach(*there.on, there.primary, there.link_local);
  judge(name_of(key), open ? "" : open.error());
}

void group_driver::judge(const std::string& about, const std::string& why_not) {
  if (const auto news = links_.judge(about, why_not)) feed(*news);
}

void group_driver::addresses_removed(std::span<const address_state> which) {
  look_at_clock();
  for (std::size_t n = 0; n < ports_.size(); ++n) {
    std::vector<address> ours;
    for (const address_state& a : which) {
      if (ports_[n]->holds() && ports_[n]->has(a.index, a.host)) ours.push_back(a.host);
    }
    if (!ours.empty()) feed(group::addresses_removed{n, names_of(ours)});
  }
}

void group_driver::balancer_said(const track::event& what) {
  look_at_clock();
  feed_track(what);
}

void group_driver::peer_said(const std::string& node, const wire_report& report) {
  look_at_clock();
  drain();
  const wire_group& theirs = peers_[node] = part_of(report, plan_.said.name);
  if (is_on_one_interface(plan_)) known_.named(node, theirs.front4, theirs.front6);
  theirs.name.empty() ? feed_tempo(tempo::gone{node})
                      : feed_tempo(tempo::reported{node, theirs.keeps, fronts_of(theirs), report.number});
  epoch_ = std::max(epoch_, theirs.epoch);
  feed(group::peer_reported{node, heard_of(theirs, monotonic_now()), report.number});
}

void group_driver::peer_answered(const std::string& node, instant asked, std::uint64_t number) {
  look_at_clock();
  drain();
  feed(group::peer_confirmed{node, asked, number});
}

void group_driver::peer_gone(const std::string& node, group::ending how) {
  look_at_clock();
  drain();
  peers_.erase(node);
  feed_tempo(tempo::gone{node, how == group::ending::lost});
  feed(group::peer_gone{node, how});
}

void group_driver::stop() { feed(group::stopped{}); }

void group_driver::order(const group::event& what) {
  look_at_clock();
  feed(what);
}

void group_driver::renew() {
  look_at_clock();
  for (const auto& port : ports_) port->renew_addresses(lease());
}

wire_group group_driver::view(instant now) const {
  std::vector<address> fronts;
  fronts.reserve(ports_.size());
  for (const auto& port : ports_) fronts.push_back(port->primary());
  return view_of(plan_, machine(), tempo_, epoch_, fronts, now);
}

group_facts group_driver::facts() const {
  group_facts out{.plan = plan_,
                  .machine = machine(),
                  .rhythm = tempo_,
                  .others = rivals_,
                  .lease = lease(),
                  .overslept = lateness_.count(),
                  .latest = lateness_.most(),
                  .ports = {}};
  for (const auto& p : ports_) out.ports.push_back({p->plan(), p->speech(), p->primary(), p->holds(), p->own()});
  return out;
}

}  // namespace holdfast
