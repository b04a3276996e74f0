#include "vrrp/agent/status.h"

#include <algorithm>

namespace holdfast {

namespace {

namespace json = boost::json;

void add(reply_table& to, std::initializer_list<json::value> cells) { to.rows.emplace_back(cells); }

std::string text_of(const address& a) { return a == address() ? "" : a.text(); }

bool is_own(const port_facts& of, const address& host) {
  return std::ranges::find(of.own, host, &leased_address::host) != of.own.end();
}

std::string rhythm_of(const group_facts& g) {
  const std::string& why = g.rhythm.why();
  return why.empty() ? "as said" : "auto: " + why;
}

reply_table groups_table(const agent_facts& of, instant now) {
  reply_table t{"groups",
                {{"group"},
                 {"role", unit::state},
                 {"since", unit::seconds},
                 {"why"},
                 {"priority", unit::count},
                 {"configured", unit::count},
                 {"interval", unit::seconds},
                 {"rhythm"},
                 {"fitness", unit::state},
                 {"unfit_because"},
                 {"blind", unit::state},
                 {"in_sync", unit::state},
                 {"held", unit::seconds},
                 {"woke_late", unit::count},
                 {"latest", unit::seconds}},
                {}};
  for (const group_facts& g : of.groups) {
    const group& m = g.machine;
    const auto held = m.held_until() ? json::value(seconds_of(*m.held_until() - now)) : json::value();
    add(t, {json::string(g.name()), json::string(name_of(m.is())), seconds_of(now - m.since()), json::string(m.why()),
            m.priority(), g.plan.said.priority, seconds_of(g.rhythm.interval()), json::string(rhythm_of(g)),
            json::string(name_of(m.how())), json::string(m.why_unfit()), json::string(m.blind() ? "yes" : "no"),
            json::string(m.in_sync() ? "yes" : "no"), held, g.overslept, seconds_of(g.latest)});
  }
  return t;
}

reply_table routers_table(const agent_facts& of) {
  reply_table t{"routers",
                {{"group"},
                 {"interface"},
                 {"id", unit::count},
                 {"family"},
                 {"from"},
                 {"adverts_sent", unit::count},
                 {"adverts_taken", unit::count},
                 {"adverts_refused", unit::count}},
                {}};
  for (const group_facts& g : of.groups) {
    for (const port_facts& p : g.ports) {
      const router_key& key = p.plan.key;
      add(t, {json::string(g.name()), json::string(key.interface), key.id, key.six ? "IPv6" : "IPv4",
              json::string(text_of(p.primary)), p.speech.said(), p.speech.taken(), p.speech.refused()});
    }
  }
  return t;
}

reply_table addresses_table(const agent_facts& of) {
  reply_table t{
      "addresses", {{"group"}, {"address"}, {"interface"}, {"held", unit::state}, {"lease", unit::seconds}}, {}};
  for (const group_facts& g : of.groups) {
    for (const port_facts& p : g.ports) {
      for (const vrrp_address& a : p.plan.addresses) {
        const duration lease = g.lease;
        add(t, {json::string(g.name()), json::string(a.host.text() + '/' + std::to_string(a.length)),
                json::string(p.plan.key.interface),
                is_own(p, a.host) ? "own"
                : p.holds         ? "yes"
                                  : "no",
                lease > duration::zero() ? json::value(seconds_of(lease)) : json::value()});
      }
    }
  }
  return t;
}

reply_table conflicts_table(const agent_facts& of, instant now) {
  reply_table t{
      "conflicts", {{"group"}, {"address"}, {"also_at"}, {"since", unit::seconds}, {"last", unit::seconds}}, {}};
  for (const group_facts& g : of.groups) {
    for (const rivals::rival& r : g.others.all()) {
      add(t, {json::string(g.name()), json::string(r.who.text()), json::string(mac_text(r.mac)),
              seconds_of(now - r.since), seconds_of(now - r.last)});
    }
  }
  return t;
}

reply_table heard_table(const agent_facts& of, instant now) {
  reply_table t{"heard",
                {{"group"},
                 {"interface"},
                 {"from"},
                 {"priority", unit::count},
                 {"interval", unit::seconds},
                 {"version", unit::count},
                 {"checksum"},
                 {"last", unit::seconds}},
                {}};
  for (const group_facts& g : of.groups) {
    for (const port_facts& p : g.ports) {
      for (const advert_exchange::speaker& s : p.speech.speakers()) {
        add(t, {json::string(g.name()), json::string(p.plan.key.interface), json::string(s.from.text()), s.priority,
                seconds_of(s.interval), s.version, json::string(name_of(s.form)), seconds_of(now - s.last)});
      }
    }
  }
  return t;
}

reply_table refusals_table(const agent_facts& of) {
  reply_table t{"refusals", {{"group"}, {"interface"}, {"family"}, {"reason"}, {"count", unit::count}}, {}};
  for (const group_facts& g : of.groups) {
    for (const port_facts& p : g.ports) {
      const auto& counts = p.speech.refused_by_kind();
      for (std::size_t kind = 0; kind < counts.size(); ++kind) {
        if (counts[kind] == 0) continue;
        add(t, {json::string(g.name()), json::string(p.plan.key.interface), p.plan.key.six ? "IPv6" : "IPv4",
                json::string(advert_exchange::name_of_refusal(kind)), counts[kind]});
      }
    }
  }
  return t;
}

reply_table agents_table(const agent_facts& of, instant now) {
  reply_table t{"agents",
                {{"node"},
                 {"group"},
                 {"role", unit::state},
                 {"priority", unit::count},
                 {"fitness", unit::state},
                 {"connected", unit::seconds},
                 {"heard", unit::seconds},
                 {"round_trip", unit::seconds},
                 {"version"},
                 {"trouble"}},
                {}};
  const auto age = [&](const std::optional<instant>& when) {
    return when ? json::value(seconds_of(now - *when)) : json::value();
  };
  for (const wire_status& peer : of.peers) {
    const auto trip = peer.round_trip ? json::value(seconds_of(*peer.round_trip)) : json::value();
    const auto line = [&](const std::string& group, json::value is, json::value priority, json::value how) {
      add(t, {json::string(peer.name), json::string(group), std::move(is), std::move(priority), std::move(how),
              age(peer.since), age(peer.heard), trip, json::string(peer.software), json::string(peer.trouble)});
    };
    bool known = false;
    for (const group_facts& g : of.groups) {
      const auto view = g.machine.peers().find(peer.name);
      if (view == g.machine.peers().end()) continue;
      known = true;
      line(g.name(), json::string(name_of(view->second.is)), view->second.priority,
           json::string(name_of(view->second.how)));
    }
    if (!known) line("", {}, {}, {});
  }
  return t;
}

}  // namespace

std::string summary(const agent_facts& of) {
  std::string out;
  for (const group_facts& g : of.groups) {
    const group& m = g.machine;
    out += (out.empty() ? "" : "; ") + g.name() + ' ' + std::string(name_of(m.is()));
    if (!m.why_unfit().empty()) out += ": " + m.why_unfit();
  }
  return out.empty() ? "no groups" : out;
}

reply vrrp_answer(const agent_facts& of, instant now) {
  reply r;
  r.tables = {groups_table(of, now), routers_table(of),     addresses_table(of),
              heard_table(of, now),  agents_table(of, now), refusals_table(of)};
  if (auto conflicts = conflicts_table(of, now); !conflicts.rows.empty()) r.tables.push_back(std::move(conflicts));
  if (of.lost_log_lines > 0) r.tables.push_back({"log", {{"lost_log_lines", unit::count}}, {{of.lost_log_lines}}});
  r.message = of.wire_trouble;
  for (const group_facts& g : of.groups) r.pen += g.name() + ' ' + std::string(name_of(g.machine.is())) + '\n';
  return r;
}

reply events_answer(const history& past, std::uint32_t count, time_words when) {
  reply r;
  r.tables.push_back({"events", {{"time"}, {"monotonic", unit::seconds}, {"group"}, {"from"}, {"to"}, {"why"}}, {}});
  const auto& all = past.events();
  const std::size_t first = all.size() > count ? all.size() - count : 0;
  for (std::size_t i = first; i < all.size(); ++i) {
    const event_record& e = all[i];
    add(r.tables.back(), {json::string(when(e.when)), seconds_of(e.monotonic), json::string(e.group),
                          json::string(e.from), json::string(e.to), json::string(e.why)});
  }
  return r;
}

}  // namespace holdfast
