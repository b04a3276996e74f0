#include "balancer/names/name_book.h"

#include <algorithm>

#include "balancer/choice/pool.h"

namespace holdfast {

namespace {

constexpr duration soon = std::chrono::seconds(5);  // after a failure

bool before(const address& a, const address& b) {
  return std::pair(!a.is_v4(), a.bytes()) < std::pair(!b.is_v4(), b.bytes());
}

std::vector<address> in_order(std::vector<address> some) {
  std::sort(some.begin(), some.end(), before);
  some.erase(std::unique(some.begin(), some.end()), some.end());
  if (some.size() > max_server_addresses) some.resize(max_server_addresses);
  return some;
}

}  // namespace

name_book::effects name_book::on(const event& e, instant now) {
  effects out;
  std::visit([&](const auto& fact) { take(fact, now, out); }, e);
  ask(now, out);
  return out;
}

std::optional<instant> name_book::deadline() const {
  if (queue_.empty() || under_way_.size() >= look_ups_at_once) return std::nullopt;
  return queue_.begin()->first;
}

const std::vector<address>& name_book::addresses(const std::string& name) const {
  static const std::vector<address> none;
  const auto hit = all_.find(name);
  return hit == all_.end() ? none : hit->second.known;
}

std::set<std::string> name_book::unanswered() const {
  std::set<std::string> out;
  for (const auto& [name, of] : all_) {
    if (!of.answered) out.insert(name);
  }
  return out;
}

void name_book::schedule(const std::string& name, entry& of, std::optional<instant> when) {
  if (of.due) queue_.erase({*of.due, name});
  of.due = when;
  if (of.due) queue_.insert({*of.due, name});
}

std::optional<instant> name_book::again(const entry& of, instant now) const {
  if (every_ == duration::zero()) return std::nullopt;
  return now + (of.lost ? std::min(every_, soon) : every_);
}

void name_book::ask(instant now, effects& out) {
  while (const auto due = deadline()) {
    if (*due > now) return;
    const std::string name = queue_.begin()->second;
    schedule(name, all_[name], std::nullopt);
    under_way_.insert(name);
    out.push_back(look_up{name});
  }
}

void name_book::take(const wanted& e, instant now, effects&) {
  every_ = e.every;
  for (auto at = all_.begin(); at != all_.end();) {
    const bool stays = e.names.contains(at->first);
    if (!stays) schedule(at->first, at->second, std::nullopt);
    at = stays ? std::next(at) : all_.erase(at);
  }
  for (const std::string& name : e.names) {
    const auto [at, fresh] = all_.try_emplace(name);
    entry& of = at->second;
    if (under_way_.contains(name)) continue;
    const auto next = of.answered ? again(of, now) : now;
    if (fresh || !next || !of.due || *of.due > *next) schedule(name, of, next);
  }
}

void name_book::take(const doubted&, instant now, effects&) {
  for (auto& [name, of] : all_) {
    if (!under_way_.contains(name)) schedule(name, of, now);
  }
}

// Null: nobody wants it any more.
name_book::entry* name_book::answer(const std::string& name) {
  under_way_.erase(name);
  const auto hit = all_.find(name);
  if (hit == all_.end()) return nullptr;
  hit->second.answered = true;
  return &hit->second;
}

void name_book::take(const found& e, instant now, effects& out) {
  entry* of = answer(e.name);
  if (of == nullptr) return;
  if (std::exchange(of->lost, false)) out.push_back(regained{e.name});
  schedule(e.name, *of, again(*of, now));
  auto addresses = in_order(e.addresses);
  if (of->known == addresses) return;
  of->known = std::move(addresses);
  out.push_back(moved{e.name});
}

void name_book::take(const failed& e, instant now, effects& out) {
  entry* of = answer(e.name);
  if (of == nullptr) return;
  if (!std::exchange(of->lost, true)) out.push_back(lost{e.name, e.why});
  schedule(e.name, *of, again(*of, now));
}

void name_book::take(const wake&, instant, effects&) {}  // ask() does the rest

std::set<std::string> names_in(const settings& said) {
  std::set<std::string> out;
  const auto add = [&out](const std::optional<place>& where) {
    if (where && where->path.empty() && !where->host.empty() && !address::parse(where->host)) out.insert(where->host);
  };
  for (const auto& [name, service] : said.services) {
    for (const place& listener : service.listeners) add(listener);
    for (const server_settings& server : service.servers) add(server.where);
    add(service.emergency);
    add(service.abuse);
  }
  add(said.control_tcp);
  add(said.log);
  return out;
}

std::string text_of(const std::vector<address>& some) {
  std::string out;
  for (const address& one : some) out += (out.empty() ? "" : ",") + one.text();
  return out.empty() ? "none" : out;
}

}  // namespace holdfast
