// What a flow driver asks and tells the client table.
#include "balancer/choice/country_io.h"
#include "balancer/relay/flow_io.h"

namespace holdfast {

// A client without an address is nobody in particular.
bool flow_driver::remembers(const connection& c, const client_facts& client) {
  return !c.of().policy.roundrobin && !client.is_nameless();
}

// What is known of a client. chooses: it will be given a server at once.
void flow_driver::learn(connection& c, client_facts& client, bool chooses) {
  const pool& p = c.of();
  if (p.asks_country && context_.countries) client.country_code = context_.countries->lookup(client.from);
  if (!chooses || !remembers(c, client)) return;
  client.remembered = p.clients->find(p.key_of(client.from), context_.steady, p.policy.tracking, &c.visit);
  // Under the name that the server has now.
  if (const server* known = client.remembered ? p.find(*client.remembered) : nullptr) client.remembered = known->id;
  c.home = client.remembered.value_or(nobody);
}

// Where it goes is reserved for its client. True: others of this client are on their way to another server.
bool flow_driver::goes_along(connection& c, const flow::connect& order) {
  const pool& p = c.of();
  const server_id wanted = server_of(p, order.to).id;
  const bool shared = order.to.kind == target_kind::server && remembers(c, c.life.client());
  if (!shared || wanted == c.home || order.alone) return false;
  const server_id failed = c.on == nullptr ? nobody : c.on->id;
  c.home = p.clients->reserve(p.key_of(c.life.client().from), wanted, c.visit, failed);
  if (const server* at = p.find(c.home)) c.home = at->id;  // under the name that it has now
  if (c.home == wanted) return false;
  c.next = news::follow;
  return true;
}

void flow_driver::remember(connection& c, server_id at) {
  const pool& p = c.of();
  const auto entry = p.clients->settle(p.key_of(c.life.client().from), at, context_.steady, &c.visit);
  if (!p.followed || !p.followed->settled(entry.assigned, entry.fresh)) return;
  c.withheld = true;
  c.unconfirmed = entry.assigned;
}

// The end of a connection is a use of the service, too.
void flow_driver::forget_visit(connection& c) {
  const pool& p = c.of();
  const auto left =
      p.clients->leave(p.key_of(c.life.client().from), c.visit, context_.steady, c.server.moved, c.client.moved);
  if (left.when != 0 && p.followed) p.followed->settled(left.assigned, left.fresh);
}

}  // namespace holdfast
