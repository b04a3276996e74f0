#include "balancer/show/status_page.h"

#include <map>

#include "cli/language/words.h"

namespace holdfast {

namespace {

using texts = std::vector<std::string>;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

// A line for each cell: who reads Pen's page by program counts lines.
std::string row(const texts& cells, const std::string& tag) {
  std::string out = "<tr>\n";
  for (const auto& cell : cells) out += '<' + tag + '>' + escaped(cell) + "</" + tag + ">\n";
  return out + "</tr>\n";
}

std::string text(std::uint64_t number) { return std::to_string(number); }

template <class T>
std::string text(const std::atomic<T>& counter) {
  return std::to_string(counter.load(std::memory_order_relaxed));
}

// Pen's: when it was last blacklisted, 0 = it takes clients.
std::string pen_status(const server& s, instant now, unix_ms steady) {
  const std::string_view state = state_of(s, now);
  return state == "down" || state == "blacklisted" ? text(steady / 1000) : "0";
}

std::string table_of_servers(const pool& p, instant now, unix_ms steady) {
  std::string out = "<table>\n" + row({"server", "address", "status", "port", "connections", "max soft", "max hard",
                                       "sent", "received", "weight", "prio", "state", "connects", "failures", "why"},
                                      "th");
  for (const auto& [name, s] : pen_slots(p)) {
    if (s == nullptr) {
      out +=
          row({name, std::string(pen_no_address), "0", "0", "0", "0", "0", "0", "0", "0", "0", "", "0", "0", ""}, "td");
      continue;
    }
    out += row({name, pen_address(*s), pen_status(*s, now, steady), text(pen_port(*s)), text(s->live->connections),
                text(s->max), text(s->hard), text(s->live->sent), text(s->live->received), text(s->weight.value_or(0)),
                text(s->prio), std::string(state_of(*s, now)), text(s->live->connects), text(s->live->failures),
                why_not(*s, now)},
               "td");
  }
  return out + "</table>\n";
}

// Pen's "none".
std::string server_name(const server* s) { return s == nullptr ? "-1" : s->name; }

// numbers: filled with that of each client.
std::string table_of_clients(const pool& p, unix_ms steady, std::map<address, std::size_t>& numbers) {
  std::string out = "<h2>Active clients</h2>Max number of clients: " + text(p.policy.clients_max) + "<p><table>\n" +
                    row({"client", "address", "age(secs)", "last server", "connects", "sent", "received"}, "th");
  for (const auto& c : p.clients->recent(0, clients_on_page)) {
    const std::size_t number = numbers.emplace(c.client, numbers.size()).first->second;
    const auto ago = std::chrono::duration_cast<std::chrono::seconds>(since(c.when, steady));
    out += row({text(number), c.client.text(), std::to_string(ago.count()), server_name(p.find(c.server)),
                text(c.connects), text(c.sent), text(c.received)},
               "td");
  }
  return out + "</table>\n";
}

std::string table_of_connections(const pool& p, std::span<const connection_row> connections,
                                 const std::map<address, std::size_t>& numbers) {
  std::string out = "<h2>Active connections</h2>Number of connections: " + text(p.policy.conn_max) + " max, " +
                    text(p.live->connections) + " used, 0 last<p><table>\n" +
                    row({"connection", "downfd", "upfd", "pending data down", "pending data up", "client", "server",
                         "address", "sent", "received", "age(secs)"},
                        "th");
  for (const connection_row& c : connections) {
    if (c.service != p.service) continue;
    const auto client = numbers.find(p.key_of(c.client.host));
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(c.age);
    out += row({text(c.id), std::to_string(c.client_socket), std::to_string(c.server_socket), text(c.held_for_client),
                text(c.held_for_server), client == numbers.end() ? "-1" : text(client->second),
                c.server.empty() ? "-1" : c.server, c.client.text(), text(c.sent), text(c.received),
                std::to_string(age.count())},
               "td");
  }
  return out + "</table>\n";
}

}  // namespace

std::string status_page(pool_list pools, std::span<const connection_row> connections, const process_facts& process,
                        instant now, unix_ms steady) {
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(process.uptime).count();
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Holdfast status page</title>\n"
      "<style>body{font-family:sans-serif}table{border-collapse:collapse;margin:1em 0}"
      "td,th{border:1px solid #aaa;padding:.2em .6em;text-align:right}</style>\n</head>\n"
      "<body><h1>Holdfast status page</h1>\n";
  for (const pool* p : pools) {
    if (pools.size() > 1) out += "<h2>Service " + escaped(p->policy.name) + "</h2>\n";
    out += "Time " + process.time + ", " + text(pen_slots(*p).size()) + " servers, " + text(p->live->cursor) +
           " current<p>\n";
    std::map<address, std::size_t> numbers;
    out += table_of_servers(*p, now, steady) + table_of_clients(*p, steady, numbers);
    out += table_of_connections(*p, connections, numbers);
  }
  return out + "<p>Holdfast " + HOLDFAST_VERSION + ", process " + std::to_string(process.pid) + ", up " +
         std::to_string(up) + " s, " + std::to_string(process.workers) + " workers" +
         (process.node.empty() ? "" : ", node " + escaped(process.node)) + "</p>\n</body>\n</html>\n";
}

}  // namespace holdfast
