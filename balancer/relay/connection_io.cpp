#include "balancer/relay/connection_io.h"

namespace holdfast {

void connection::count_bytes() {
  if (on == nullptr) return;
  on->live->sent.fetch_add(client.moved - told_sent, std::memory_order_relaxed);
  on->live->received.fetch_add(server.moved - told_received, std::memory_order_relaxed);
  told_sent = client.moved;
  told_received = server.moved;
}

}  // namespace holdfast
