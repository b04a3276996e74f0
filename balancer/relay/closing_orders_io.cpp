#include "balancer/relay/closing_orders_io.h"

#include "balancer/loop/time_slice_io.h"
#include "balancer/sockets/socket_io.h"

namespace holdfast {

namespace {

// Whether our end of it is there.
bool is_at(const half& side, const address& where) {
  socket_address ours;
  return side.bytes.fd && getsockname(side.bytes.fd.get(), ours.get(), &ours.length) == 0 && ours.where().host == where;
}

}  // namespace

void closing_orders::add(const close_flows& which, std::uint64_t newest) {
  orders_.push_back({which, which.at ? close_reason::departed : close_reason::ordered, newest});
}

void closing_orders::add(const close_silent& which, std::uint64_t newest) {
  orders_.push_back(
      {close_flows{.service = which.service, .server = which.server}, close_reason::server_down, newest, which.closes});
}

void closing_orders::add_all(std::uint64_t newest) {
  orders_.push_back({std::nullopt, close_reason::shut_down, newest});
}

bool closing_orders::is_meant(const connection& c, const order& o) {
  if (c.closed || c.id > o.newest) return false;
  if (!o.which) return true;
  const close_flows& which = *o.which;
  return c.of().service == which.service && (!which.server || (c.on != nullptr && c.on->id == *which.server)) &&
         (!which.client || c.of().key_of(c.life.client().from) == *which.client) &&
         (!which.at || is_at(c.client, *which.at) || is_at(c.server, *which.at));
}

// Since it was asked last. What the server has sent and a slow client has not taken yet is no silence of the server's.
bool closing_orders::is_silent(connection& c) {
  if (!c.carrying) return false;
  const auto heard = static_cast<std::uint32_t>(c.server.moved) & ~(1U << 31);
  return std::exchange(c.heard, heard) == heard && !c.server.unsent();
}

void closing_orders::carry_out_some(connections& all, const ending& end) {
  time_slice time(slice);
  while (!orders_.empty()) {
    order& o = orders_.front();
    const bool through = all.each_from(o.cursor, [&](std::uint32_t, connection& c) {
      if (is_meant(c, o) && (!o.silent || (is_silent(c) && *o.silent))) end(c, o.why);
      return !time.over();
    });
    if (!through) return;
    orders_.pop_front();
  }
}

}  // namespace holdfast
