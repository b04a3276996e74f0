#include "balancer/daemon/change_words.h"

#include <algorithm>

#include "cli/configuration/now_is.h"

namespace holdfast {

namespace {

std::string hint(const say::change& what, const std::string& service, const pool& of) {
  const auto takes_clients = [](const server& s) { return s.usable && !s.drain; };
  const bool none_left = std::ranges::none_of(of.servers, takes_clients);
  const auto* changed = std::get_if<say::change_server>(&what);
  const bool drains = std::holds_alternative<say::drain_server>(what) || (changed != nullptr && changed->drain == true);
  if (drains && none_left) return "no server of service " + service + " takes new clients now";
  if (changed == nullptr || changed->weight != 0U) return {};
  return "weight 0 keeps new clients away only while another server has a weight; `server " + changed->name +
         " drain` does so in any case";
}

}  // namespace

std::string change_words(const std::string& now_is, const sentence& said, const pool* of) {
  if (of == nullptr) return now_is;
  const auto& what = std::get<say::change>(said.what);
  std::string text = now_is;
  const auto about = std::ranges::find(of->servers, server_of(what), &server::name);
  if (about != of->servers.end()) {
    const auto n = about->live->connections.load(std::memory_order_relaxed);
    text += ", " + std::to_string(n) + (n == 1 ? " connection" : " connections") + (about->drain ? " left" : "");
  }
  const std::string more = hint(what, said.of_service(), *of);
  return more.empty() ? text : text + "; " + more;
}

}  // namespace holdfast
