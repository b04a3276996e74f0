#include "vrrp/agent/group_io.h"

#include <algorithm>

#include "base/clock_io.h"
#include "vrrp/kernel/connections_io.h"

namespace holdfast {

namespace {

constexpr duration tolerance{std::chrono::milliseconds(10)};  // of lateness
constexpr duration said_often{std::chrono::minutes(1)};

std::string in_ms(duration d) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count()) + " ms";
}

track_settings track_of(const group_plan& plan) {
  track_settings s;
  s.patience = plan.said.patience;
  s.degrade_after = plan.said.degrade_after;
  s.wanted = plan.watches_balancer;
  return s;
}

// A node names one front address of each family.
bool is_on_one_interface(const group_plan& plan) {
  return std::ranges::all_of(
      plan.routers, [&](const router_plan& r) { return r.key.interface == plan.routers.front().key.interface; });
}

group::peer_view view_of(const wire_group& theirs, instant now) {
  group::peer_view view{.is = theirs.is, .priority = theirs.priority, .how = theirs.how, .front = theirs.front};
  if (theirs.looked) view.alive_at = now - *theirs.looked;
  return view;
}

group::parameters first_parameters(const std::string& node, const group_plan& plan) {
  return {.node = node,
          .priority = plan.said.priority,
          .interval = slowest_interval(plan.said.interval),
          .unheard = slowest_interval(plan.said.interval),
          .learns = plan.said.version != vrrp_version::two,
          .preempt = plan.said.preempt,
          .watches = plan.said.watch.has_value(),
          .preempt_delay = plan.said.preempt_delay,
          .routers = std::vector<address>(plan.routers.size())};
}

}  // namespace

group_driver::group_driver(boost::asio::io_context& io, netlink& kernel, std::string node, group_plan plan,
                           hmac_policy hmac, std::span<const duration> activations, hooks tell)
    : io_(io),
      kernel_(kernel),
      node_(std::move(node)),
      plan_(std::move(plan)),
      hmac_(std::move(hmac)),
      tell_(std::move(tell)),
      machine_(first_parameters(node_, plan_)),
      track_(track_of(plan_)),
      tempo_(tempo_of(plan_.said)),
      alarm_(io, [this] { turn(); }),
      looked_(monotonic_now()) {
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
  return {.knocked = [this] { turn(); },
          .heard =
              [this, n](const voice::heard& what) {
                if (!what.same_addresses && what.priority > 0) {
                  noted_once(what.from.text() + " advertises other addresses with id " +
                                 std::to_string(plan_.routers[n].key.id) + " on " + plan_.routers[n].key.interface +
                                 ": does another cluster use this id?",
                             "adverts=differ from=" + what.from.text());
                }
                if (what.priority > 0) feed_tempo(tempo::heard{what.from});
                feed(group::heard{n, what.priority, what.interval, what.from});
              },
          .refused = [this, n](const voice::refusal& why, const advert_facts& facts) { refused(n, why, facts); },
          .trouble = [this](const std::string& why) { noted_once(why, "system=refused"); },
          .claimed = [this, n](const address& who, const mac_address& mac) { claimed(n, who, mac); }};
}

void group_driver::claimed(std::size_t n, const address& who, const mac_address& mac) {
  if (!rivals_.claim(who, mac, monotonic_now())) return;
  const std::string kind = who == ports_[n]->primary() ? ", our own address, " : " ";
  tell_.noted({"conflict: " + who.text() + kind + "is also at " + mac_text(mac) + " on " +
                   plan_.routers[n].key.interface + ": another machine answers for it",
               "conflict=" + who.text() + " mac=" + mac_text(mac)});
}

void group_driver::refused(std::size_t n, const voice::refusal& why, const advert_facts& facts) {
  const auto kind = voice::kind_of(why);
  if (why == voice::refusal(advert_refusal::unknown_id)) return;  // other groups' adverts pass here, too
  if (why == voice::refusal(voice::mismatch::stranger)) return met_stranger(n, facts.ends.source);
  const std::string from = facts.ends.source.text(), name(voice::name_of_refusal(kind));
  noted_once("adverts refused on " + plan_.routers[n].key.interface + ": " + name + ", from " + from,
             "adverts=refused from=" + from + " cause=" + name);
}

// It hears us all the same, and may know only the slow interval.
void group_driver::met_stranger(std::size_t n, const address& who) {
  if (plan_.said.peers.empty()) feed_tempo(tempo::heard{who});
  const router_key& key = plan_.routers[n].key;
  noted_once(who.text() + " on " + key.interface + " is no node of ours, and its adverts with id " +
                 std::to_string(key.id) + " are refused: does another cluster use this id?",
             "adverts=refused from=" + who.text() + " cause=stranger");
}

// The same sentence at most once a minute.
void group_driver::noted_once(const std::string& what, const std::string& facts) {
  const instant now = monotonic_now();
  std::erase_if(said_, [&](const auto& one) { return now - one.second > said_often; });
  if (said_.size() >= most_sentences || !said_.emplace(what, now).second) return;
  tell_.noted({what, facts});
}

group::parameters group_driver::parameters() const {
  group::parameters p = first_parameters(node_, plan_);
  p.interval = tempo_.interval();
  for (std::size_t n = 0; n < ports_.size(); ++n) p.routers[n] = ports_[n]->primary();
  return p;
}

// The adverts say the interval before one goes out because of it.
void group_driver::renew_parameters() {
  for (const auto& port : ports_) port->advertise_every(tempo_.interval());
  if (const auto now = parameters(); now != machine_.what()) feed(group::changed{now});
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

// A loop that woke late learns that before anything else: what it was about to do belongs to another time.
void group_driver::look_at_clock() {
  const instant now = monotonic_now();
  const instant since = std::max(due().value_or(now), looked_);
  looked_ = std::max(looked_, now);
  const duration late = now - since;
  if (late < tolerance) return;
  ++overslept_;
  latest_ = std::max(latest_, late);
  if (late >= tempo_.interval()) tell_.noted({"our loop woke " + in_ms(late) + " late", "loop=late"});
  feed_track(track::overslept{late});
  feed(group::overslept{late});
  feed_tempo(tempo::overslept{late});
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
  waiting_.push_back(what);
  if (feeding_) return;  // an order has brought about a fact: it is told when the orders are carried out
  feeding_ = true;
  while (!waiting_.empty()) {
    const group::event next = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    const auto orders = machine_.on(next, monotonic_now());
    end_connections(orders);
    for (const auto& order : orders) std::visit([this](const auto& o) { perform(o); }, order);
  }
  feeding_ = false;
  arm();
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
  if (!ended.trouble.empty()) noted_once(ended.trouble, "connections=left");
  if (ended.count == 0) return;
  tell_.noted({.what = std::to_string(ended.count) + " connections to the addresses that leave were ended" +
                       (ended.all ? "" : ", not all: there was no more time"),
               .facts = "connections=ended count=" + std::to_string(ended.count),
               .alarms = !ended.all});
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
  for (const auto& one : {machine_.deadline(), track_.deadline(), tempo_.deadline()}) {
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
    const address& front = port->plan().key.six ? peer->second.front6 : peer->second.front4;
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
  const std::string every = in_ms(o.interval);
  if (!o.why.empty())
    tell_.noted({"adverts every " + every + ": " + o.why,
                 "interval=" + std::to_string(o.interval / std::chrono::milliseconds(1)) + "ms", o.alarms});
  renew_parameters();
}

void group_driver::perform(const tempo::report&) { tell_.report(); }

void group_driver::judge(const std::string& link, const std::string& why_not) {
  std::string& before = unfit_[link];
  if (before == why_not) return;
  before = why_not;
  feed(group::judged{
      .about = link, .how = why_not.empty() ? fitness::fit : fitness::fault, .why = why_not, .deaf = true});
}

void group_driver::balancer_said(const track::event& what) {
  look_at_clock();
  feed_track(what);
}

void group_driver::peer_said(const std::string& node, const wire_report& report) {
  look_at_clock();
  drain();
  wire_group theirs;
  for (const wire_group& g : report.groups) {
    if (g.name == plan_.said.name) theirs = g;
  }
  peers_[node] = theirs;
  if (is_on_one_interface(plan_)) known_.named(node, theirs.front4, theirs.front6);
  theirs.name.empty() ? feed_tempo(tempo::gone{node})
                      : feed_tempo(tempo::reported{node, theirs.keeps, fronts_of(theirs), report.number});
  epoch_ = std::max(epoch_, theirs.epoch);
  feed(group::peer_reported{node, view_of(theirs, monotonic_now()), report.number});
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
  wire_group v;
  v.name = plan_.said.name;
  v.is = machine_.is();
  v.priority = machine_.priority();
  v.how = machine_.how();
  v.since =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now - machine_.since()).count());
  if (const auto looked = machine_.view().alive_at) {
    v.looked = std::chrono::duration_cast<std::chrono::milliseconds>(now - *looked);
  }
  v.front = machine_.view().front;
  v.epoch = epoch_;
  v.addresses = static_cast<std::uint16_t>(plan_.said.addresses.size());
  v.interval =
      static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(tempo_.interval()).count());
  v.keeps = tempo_.says();
  for (const auto& port : ports_) name_front(v, port->primary());
  return v;
}

}  // namespace holdfast
