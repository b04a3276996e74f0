#include "balancer/farm/own_listeners.h"

#include <algorithm>
#include <map>

#include "cli/language/words.h"

namespace holdfast {

namespace {

constexpr duration closing = std::chrono::seconds(5);  // a worker closes what it is told to, after its present turn

bool is_any(const address& host) { return host == address() || host == address::v4(0); }

bool overlap(const endpoint& a, const endpoint& b) {
  if (!a.path.empty() || !b.path.empty()) return false;
  if (a.port != b.port || a.host.is_v4() != b.host.is_v4()) return false;
  return a.host == b.host || is_any(a.host) || is_any(b.host);
}

}  // namespace

std::vector<wanted_place> places_of(const settings& wanted,
                                    const std::function<result<endpoint, std::string>(const place&)>& find) {
  std::vector<wanted_place> all;
  for (const auto& [name, of] : wanted.services) {
    for (const place& said : of.listeners) {
      if (const auto where = find(said)) all.push_back({name, "listen " + listen_word::print(said), *where});
    }
  }
  return all;
}

findings shared_places(const std::vector<wanted_place>& all) {
  findings found;
  std::map<std::string, const wanted_place*> first;
  for (const wanted_place& p : all) {
    if (p.where.path.empty() && p.where.port == 0) continue;  // whichever is free
    const auto [other, fresh] = first.try_emplace(p.where.text(), &p);
    if (fresh || other->second->service == p.service) continue;
    found.push_back({severity::refuses, "service " + p.service + ' ' + p.said,
                     "service " + p.service + ": " + p.said + " is " + p.where.text() + ", where service " +
                         other->second->service + " listens already"});
  }
  return found;
}

void own_listeners::add(const endpoint& where) { all_.push_back({where, std::nullopt}); }

void own_listeners::hold(const std::vector<endpoint>& listening, instant now) {
  for (claim& c : all_) {
    const bool held = std::find(listening.begin(), listening.end(), c.where) != listening.end();
    if (!held && !c.let_go) c.let_go = now;
    if (held) c.let_go.reset();
  }
  std::erase_if(all_, [&](const claim& c) { return c.let_go && now - *c.let_go > closing; });
}

bool own_listeners::in_the_way_of(const endpoint& where, instant now) const {
  return std::any_of(all_.begin(), all_.end(), [&](const claim& c) {
    return overlap(c.where, where) && (!c.let_go || now - *c.let_go <= closing);
  });
}

}  // namespace holdfast
