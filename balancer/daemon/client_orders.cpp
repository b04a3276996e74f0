#include "balancer/daemon/client_orders.h"

#include <algorithm>

namespace holdfast {

reply forget_client(pool_list pools, const address& who, unix_ms now) {
  bool known = false;
  for (const pool* p : pools) known |= p->clients->forget(p->key_of(who), now);
  if (!known) return refused("no service knows the client " + who.text());
  return {.message = who.text() + " is forgotten, and given a server anew"};
}

reply pin_client(pool_list pools, const std::string& service, const address& who, std::string_view server,
                 unix_ms now) {
  const auto of = std::ranges::find_if(pools, [&](const pool* p) { return p->policy.name == service; });
  if (of == pools.end()) return refused("no service " + service);
  const pool& p = **of;
  const auto to = std::ranges::find(p.servers, server, &holdfast::server::name);
  if (to == p.servers.end()) return refused("expected a server of service " + service);
  if (p.policy.roundrobin) return refused("service " + service + " remembers no clients: roundrobin");
  p.clients->assign(p.key_of(who), to->id, now);
  return {.message = who.text() + " goes to " + service + '/' + to->name + " from its next connection on"};
}

}  // namespace holdfast
