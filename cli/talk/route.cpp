#include "cli/talk/route.h"

#include <algorithm>

#include "base/ensure.h"
#include "cli/language/grammar.h"

namespace holdfast {

namespace {

using enum station;

route of_change(owner whose) {
  switch (whose) {
    case owner::balancer: return {manner::first, {balancer}};
    case owner::vrrp: return {manner::chain, {agent, balancer}};
    case owner::both: return {manner::each, {balancer, agent}};
    case owner::hfctl: break;
  }
  return {};
}

struct router {
  owner whose;

  route operator()(const say::change&) const { return of_change(whose); }
  route operator()(const say::question&) const {
    if (whose == owner::vrrp) return {manner::first, {agent, balancer}};
    return {manner::first, {balancer, agent}};
  }
  route operator()(const say::common_request&) const {
    return {whose == owner::both ? manner::each : manner::first, {balancer, agent}};
  }
  route operator()(const say::balancer_request&) const { return {manner::first, {balancer}}; }
  route operator()(const say::cluster_request&) const { return {manner::first, {balancer}}; }
  route operator()(const say::vrrp_request&) const { return {manner::first, {agent}}; }
  route operator()(const say::procedure&) const { return {}; }
};

// The request of that kind, if it is one of these.
template <class... These, class Kind>
bool is_one(const command& c, std::in_place_type_t<Kind>) {
  const auto* request = std::get_if<Kind>(&c);
  return request != nullptr && (std::holds_alternative<These>(*request) || ...);
}

constexpr std::in_place_type_t<say::common_request> common;
constexpr std::in_place_type_t<say::balancer_request> to_balancer;
constexpr std::in_place_type_t<say::cluster_request> about_all;

}  // namespace

route route_of(const command& c) { return std::visit(router{owned_by(c)}, c); }

std::chrono::milliseconds patience_for(const command& c) {
  using namespace std::chrono_literals;
  const bool whole_file = is_one<say::reload, say::include>(c, common);
  if (whole_file || is_one<say::check_cluster, say::flush_cluster, say::load_on_all, say::on_all_nodes>(c, about_all))
    return 60s;
  const bool long_list = is_one<say::recent, say::clients, say::client_lines>(c, to_balancer);
  return long_list || needed(c) == access::write ? 10s : 1s;
}

bool asks_for_state(const command& c) { return is_one<say::status>(c, common) || is_one<say::cluster>(c, about_all); }

std::string_view name_of(station s) { return s == balancer ? "holdfast-balancer" : "holdfast-vrrp"; }

reply join(std::vector<std::pair<station, reply>> answers) {
  ensure(!answers.empty());
  reply joined;
  for (const auto& [from, answer] : answers) joined.is = std::max(joined.is, answer.is);
  std::erase_if(answers, [&](const auto& one) { return one.second.is != joined.is; });
  const std::string message = answers.front().second.message;
  const bool alike =
      std::all_of(answers.begin(), answers.end(), [&](const auto& one) { return one.second.message == message; });
  joined.message = alike ? message : "";
  for (auto& [from, answer] : answers) {
    if (!alike && !answer.message.empty()) {
      joined.message += (joined.message.empty() ? "" : "; ") + std::string(name_of(from)) + ": " + answer.message;
    }
    joined.pen += answer.pen;
    std::move(answer.tables.begin(), answer.tables.end(), std::back_inserter(joined.tables));
  }
  return joined;
}

}  // namespace holdfast
