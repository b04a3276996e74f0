#include "balancer/cluster/server_agreement.h"

#include <algorithm>

namespace holdfast {

namespace {

sync_server_state state_of(const std::string& service, const server& s, instant now) {
  const auto aside = std::max<std::int64_t>(s.live->disabled_until.load() - now.time_since_epoch().count(), 0);
  return {.service = service,
          .identity = s.identity,
          .weight = s.weight.value_or(weight_unsaid),
          .drain = s.drain,
          .up = s.live->up.load() && !s.is_blacklisted(now),
          .aside = static_cast<std::uint32_t>(std::min<std::int64_t>(aside / 1'000'000, UINT32_MAX)),
          .said = 0};
}

std::optional<settings> with_word(const settings& current, const sync_server_state& told, const server& about) {
  const auto weight = told.weight == weight_unsaid ? std::nullopt : std::optional(told.weight);
  if (about.weight == weight && about.drain == told.drain) return std::nullopt;
  settings wanted = current;
  auto& all = wanted.services.at(told.service).servers;
  const auto said = std::ranges::find(all, about.name, &server_settings::name);
  if (said == all.end()) return std::nullopt;
  said->weight = weight;
  said->drain = told.drain;
  return wanted;
}

}  // namespace

std::vector<sync_server_state> server_agreement::news(pool_list pools, instant now, unix_ms steady) {
  std::vector<sync_server_state> out;
  for (const pool* p : pools) {
    for (const server& s : p->servers) {
      if (auto one = states_.look(state_of(p->policy.name, s, now), steady)) out.push_back(std::move(*one));
    }
  }
  return out;
}

// What an operator has said of a server later than we know counts here, too. Whether it is up we see ourselves, unless
// nobody here looks: then a blacklisting is shared.
server_agreement::outcome server_agreement::hear(const sync_server_state& told, const pool* of, const settings& current,
                                                 instant now, unix_ms steady) {
  outcome out;
  if (of == nullptr) return out;
  const auto which = std::ranges::find(of->servers, told.identity, &server::identity);
  if (which == of->servers.end()) return out;
  out.about = &*which;
  const duration blacklist = of->policy.blacklist;
  if (!told.up && of->policy.check.how == check_kind::none && blacklist > duration::zero()) {
    out.blacklisted_until = now + blacklist;
  }
  out.counts = states_.take(told, which->live->up, steady);
  if (!out.counts) return out;
  if ((told.aside > 0) != which->live->is_disabled_for_now(now)) out.aside = std::chrono::milliseconds(told.aside);
  out.wanted = with_word(current, told, *which);
  return out;
}

void server_agreement::postpone(const sync_server_state& told) {
  if (postponed_.size() < max_sync_servers) postponed_[told.service + ' ' + told.identity] = told;
}

std::vector<sync_server_state> server_agreement::take_postponed() {
  std::vector<sync_server_state> out;
  for (auto& [which, told] : std::exchange(postponed_, {})) out.push_back(std::move(told));
  return out;
}

}  // namespace holdfast
