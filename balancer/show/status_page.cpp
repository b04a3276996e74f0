#include <string>

#include "balancer/show/answers.h"

namespace holdfast {

namespace {

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

std::string row(std::initializer_list<std::string> cells, const char* tag) {
  std::string out = "<tr>";
  for (const auto& cell : cells) out += std::string("<") + tag + '>' + escaped(cell) + "</" + tag + '>';
  return out + "</tr>\n";
}

template <class T>
std::string number(const std::atomic<T>& counter) {
  return std::to_string(counter.load(std::memory_order_relaxed));
}

std::string service_section(const pool& p, instant now, unix_ms steady) {
  constexpr std::size_t clients_shown = 100;
  std::string out =
      "<h2>Service " + escaped(p.policy.name) + "</h2>\n<p>" + number(p.live->connections) + " of " +
      std::to_string(p.policy.conn_max) + " connections, " + std::to_string(p.clients->size()) + " of " +
      std::to_string(p.policy.clients_max) + " clients</p>\n<table>\n" +
      row({"server", "address", "state", "connections", "max", "hard", "weight", "prio", "sent", "received"}, "th");
  for (const server& s : p.servers) {
    out += row({s.name, s.usable ? s.where.text() : "", std::string(state_of(s, now)), number(s.live->connections),
                std::to_string(s.max), std::to_string(s.hard), std::to_string(s.weight.value_or(0)),
                std::to_string(s.prio), number(s.live->sent), number(s.live->received)},
               "td");
  }
  out += "</table>\n<table>\n" + row({"client", "server", "seconds ago", "connects", "sent", "received"}, "th");
  for (const auto& c : p.clients->recent(0, clients_shown)) {
    const server* s = p.find(c.server);
    const auto ago = std::chrono::duration_cast<std::chrono::seconds>(since(c.when, steady)).count();
    out += row({c.client.text(), s == nullptr ? "" : s->name, std::to_string(ago), std::to_string(c.connects),
                std::to_string(c.sent), std::to_string(c.received)},
               "td");
  }
  return out + "</table>\n";
}

}  // namespace

std::string status_page(pool_list pools, const process_facts& process, instant now, unix_ms steady) {
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(process.uptime).count();
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Holdfast</title>\n"
      "<style>body{font-family:sans-serif}table{border-collapse:collapse;margin:1em 0}"
      "td,th{border:1px solid #aaa;padding:.2em .6em;text-align:right}</style></head>\n<body>\n<h1>Holdfast " +
      std::string(HOLDFAST_VERSION) + "</h1>\n<p>process " + std::to_string(process.pid) + ", up " +
      std::to_string(up) + " s, " + std::to_string(process.workers) + " workers" +
      (process.node.empty() ? "" : ", node " + escaped(process.node)) + "</p>\n";
  for (const pool* p : pools) out += service_section(*p, now, steady);
  return out + "</body></html>\n";
}

}  // namespace holdfast
