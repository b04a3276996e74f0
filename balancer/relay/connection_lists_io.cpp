#include "balancer/relay/connection_lists_io.h"

#include <algorithm>

namespace holdfast {

namespace {

bool is_meant(const connection& c, const connection_query& which, instant now) {
  const auto is_its = [&](int fd) { return c.client.bytes.fd.get() == fd || c.server.bytes.fd.get() == fd; };
  return (!which.service || c.of().service == *which.service) &&
         (!which.server || (c.on != nullptr && c.on->name == *which.server)) &&
         (!which.client || c.of().key_of(c.life.client().from) == c.of().key_of(*which.client)) &&
         (!which.socket || is_its(*which.socket)) && now - c.began >= which.older;
}

std::uint32_t held_in(const half& h) { return h.held_bytes + (h.through ? h.through->bytes : 0); }

connection_row row_of(connection& c, instant now) {
  c.count_bytes();
  const client_facts& client = c.life.client();
  return {.id = c.id,
          .service = c.of().service,
          .client = client.is_nameless() ? endpoint{.host = {}, .port = 0, .path = nameless_client}
                                         : endpoint{.host = client.from, .port = client.port, .path = {}},
          .server = c.on == nullptr ? "" : c.on->name,
          .state = c.life.state(),
          .sent = c.client.moved,
          .received = c.server.moved,
          .age = now - c.began,
          .quiet = now - c.last,
          .client_socket = c.client.bytes.fd.get(),
          .server_socket = c.server.bytes.fd.get(),
          .held_for_client = held_in(c.server),
          .held_for_server = held_in(c.client)};
}

}  // namespace

// Rows are made of those asked for alone: whoever watches a few of many connections holds nobody up.
void connection_lists::make_some(connections& all, instant now) {
  time_slice time(slice);
  while (!lists_.empty()) {
    list& l = lists_.front();
    if (!l.chosen && !choose_some(l, all, now, time)) return;
    for (; !l.left.empty(); l.left.pop_back()) {
      connection* c = all.find(l.left.back().slot);
      if (time.over()) return;
      if (c != nullptr && !c->closed && c->id == l.left.back().id) l.rows.push_back(row_of(*c, now));
    }
    l.order.done(std::move(l.rows));
    lists_.pop_front();
  }
}

// True when all have been looked at.
bool connection_lists::choose_some(list& l, connections& all, instant now, time_slice& time) {
  const connection_query& which = l.order.which;
  const bool through = all.each_from(l.cursor, [&](std::uint32_t number, connection& c) {
    if (!c.closed && is_meant(c, which, now)) l.left.push_back({c.last, number, c.id});
    return !time.over();
  });
  if (!through) return false;
  l.chosen = true;
  if (l.left.size() > which.most) {
    const auto moved_later = [](const listed& a, const listed& b) { return a.moved > b.moved; };
    std::nth_element(l.left.begin(), l.left.begin() + static_cast<std::ptrdiff_t>(which.most), l.left.end(),
                     moved_later);
    l.left.resize(which.most);
  }
  return true;
}

}  // namespace holdfast
