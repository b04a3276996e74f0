#include "balancer/show/answers.h"

#include <boost/json/array.hpp>

#include <algorithm>
#include <limits>

#include "cli/language/words.h"

namespace holdfast {

namespace {

template <class T>
std::uint64_t read(const std::atomic<T>& counter) {
  return counter.load(std::memory_order_relaxed);
}

std::string pen_server_line(const server& s) {
  const auto number = [](std::uint64_t n) { return std::to_string(n); };
  return s.name + " addr " + pen_address(s) + " port " + number(pen_port(s)) + " conn " +
         number(read(s.live->connections)) + " max " + number(s.max) + " hard " + number(s.hard) + " weight " +
         number(s.weight.value_or(0)) + " prio " + number(s.prio) + " sx " + number(read(s.live->sent)) + " rx " +
         number(read(s.live->received)) + "\n";
}

std::string pen_server_lines(const pool& p) {
  std::string out;
  for (const auto& [name, s] : pen_slots(p)) {
    out += s != nullptr ? pen_server_line(*s)
                        : name + " addr " + std::string(pen_no_address) +
                              " port 0 conn 0 max 0 hard 0 weight 0 prio 0 sx 0 rx 0\n";
  }
  return out;
}

std::string server_name(const pool& p, server_id id) {
  const server* s = p.find(id);
  return s == nullptr ? "" : s->name;
}

std::vector<boost::json::value> cells(boost::json::array values) { return {values.begin(), values.end()}; }

std::vector<boost::json::value> client_row(const pool& p, const client_record& c, unix_ms now) {
  return cells({p.policy.name, c.client.text(), server_name(p, c.server), c.connects, c.sent, c.received,
                seconds_of(since(c.when, now))});
}

reply_table client_table_of_answer() {
  return {"clients",
          {{"service", unit::text},
           {"client", unit::text},
           {"server", unit::text},
           {"connects", unit::count},
           {"sent", unit::bytes},
           {"received", unit::bytes},
           {"last_use", unit::seconds}},
          {}};
}

// rows: in the table, at most, of each service; lines: of Pen's, as many or more.
reply list_clients(pool_list pools, unix_ms since, std::size_t rows, std::size_t lines, unix_ms now) {
  reply answer;
  reply_table table = client_table_of_answer();
  for (const pool* p : pools) {
    std::size_t shown = 0;
    for (const auto& c : p->clients->recent(since, lines)) {
      if (shown++ < rows) table.rows.push_back(client_row(*p, c, now));
      answer.pen += c.client.text() + " connects " + std::to_string(c.connects) + " sx " + std::to_string(c.sent) +
                    " rx " + std::to_string(c.received) + "\n";
    }
  }
  answer.tables.push_back(std::move(table));
  return answer;
}

reply_table status_table(const process_facts& process) {
  return {"status",
          {{"name", unit::text},
           {"version", unit::text},
           {"pid", unit::count},
           {"uptime", unit::seconds},
           {"node", unit::text},
           {"workers", unit::count},
           {"lost_log_lines", unit::count},
           {"lost_access_lines", unit::count},
           {"sync_off", unit::text}},
          {cells({"holdfast-balancer", HOLDFAST_VERSION, process.pid, seconds_of(process.uptime), process.node,
                  process.workers, process.lost_log_lines, process.lost_access_lines, process.sync_off})}};
}

// A line each; "": all is well.
std::string problems(pool_list pools, const process_facts& process, instant now) {
  std::string out = process.sync_off.empty() ? "" : "PROBLEM  sync off: " + process.sync_off;
  for (const pool* p : pools) {
    const std::string what = problem_of(*p, now);
    if (!what.empty()) out += (out.empty() ? "" : "\n") + std::string("PROBLEM  ") + p->policy.name + ": " + what;
  }
  return out;
}

}  // namespace

std::string pen_address(const server& s) {
  if (s.usable) return s.where.path.empty() ? s.where.host.text() : s.where.path;
  return s.host.empty() ? std::string(pen_no_address) : s.host;
}

unsigned pen_port(const server& s) { return s.where.path.empty() ? s.where.port : 1; }

std::vector<std::pair<std::string, const server*>> pen_slots(const pool& p) {
  std::vector<std::pair<std::string, const server*>> out;
  std::uint32_t next = 0;
  for (const server& s : p.servers) {
    const auto slot = slot_of(s.name);
    for (; slot && next < *slot; ++next) out.emplace_back(std::to_string(next), nullptr);
    if (slot) ++next;
    out.emplace_back(s.name, &s);
  }
  return out;
}

duration since(unix_ms when, unix_ms now) { return std::chrono::milliseconds(now - std::min(now, when)); }

std::string_view state_of(const server& s, instant now) {
  if (!s.usable) return "no_address";
  if (s.is_blacklisted(now) || s.live->is_disabled_for_now(now)) return "blacklisted";
  if (!s.live->up.load(std::memory_order_relaxed)) return "down";
  return s.drain ? "drain" : "up";
}

std::string why_not(const server& s, instant now) {
  std::string out;
  if (s.live->is_disabled_for_now(now)) out = "by hand";
  s.each_reach([&](const reach_live& r) {
    if (r.up.load(std::memory_order_relaxed) && !r.is_blacklisted(now)) return;
    out += (out.empty() ? "" : ", ") + r.trouble;
  });
  return out;
}

condition condition_of(pool_list pools, instant now) {
  condition c;
  for (const pool* p : pools) {
    for (const server& s : p->servers) {
      const std::string_view state = state_of(s, now);
      c.servers += s.usable;
      c.servers_alive += state == "up" || state == "drain";
    }
  }
  return c;
}

std::optional<look> look_of(pool_list pools, instant now) {
  constexpr auto never = std::numeric_limits<std::int64_t>::max();
  std::int64_t well_at = 0, ill_at = never;
  for (const pool* p : pools) {
    if (p->policy.check.how == check_kind::none) continue;
    for (const server& s : p->servers) {
      if (!s.usable) continue;
      const std::string_view state = state_of(s, now);
      s.each_reach([&](const reach_live& r) {
        if (state == "up" || state == "drain") well_at = std::max(well_at, r.well_at.load(std::memory_order_relaxed));
        ill_at = std::min(ill_at, r.ill_at.load(std::memory_order_relaxed));
      });
    }
  }
  const bool alive = condition_of(pools, now).servers_alive > 0;
  const std::int64_t at = alive ? well_at : ill_at;
  if (at == 0 || at == never) return std::nullopt;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration(at));
  return look{.alive = alive, .at = static_cast<std::uint64_t>(ms.count())};
}

std::string problem_of(const pool& p, instant now) {
  if (read(p.live->connections) >= p.policy.conn_max) {
    return "full: all " + std::to_string(p.policy.conn_max) + " connections are taken, new clients wait";
  }
  const pool* const alone[] = {&p};
  if (p.servers.empty() || condition_of(alone, now).servers_alive > 0) return "";
  return "no server is up, of " + std::to_string(p.servers.size());
}

std::string summary(pool_list pools, std::uint32_t connections, instant now, const std::string& sync_off) {
  const auto count = [](std::size_t n, const std::string& what) {
    return std::to_string(n) + ' ' + what + (n == 1 ? "" : "s");
  };
  const condition c = condition_of(pools, now);
  return count(pools.size(), "service") + ", " + std::to_string(c.servers_alive) + " of " + count(c.servers, "server") +
         " alive, " + count(connections, "connection") + (sync_off.empty() ? "" : "; sync off: " + sync_off);
}

reply servers_answer(pool_list pools, instant now) {
  reply_table table{"servers",
                    {{"service", unit::text},
                     {"name", unit::text},
                     {"address", unit::text},
                     {"state", unit::state},
                     {"connections", unit::count},
                     {"max", unit::count},
                     {"hard", unit::count},
                     {"weight", unit::count},
                     {"prio", unit::count},
                     {"connects", unit::count},
                     {"failures", unit::count},
                     {"sent", unit::bytes},
                     {"received", unit::bytes},
                     {"why", unit::text}},
                    {}};
  reply answer;
  for (const pool* p : pools) {
    for (const server& s : p->servers) {
      table.rows.push_back(
          cells({p->policy.name, s.name, s.usable ? s.where.text() : "", state_of(s, now), read(s.live->connections),
                 s.max, s.hard, s.weight.value_or(0), s.prio, read(s.live->connects), read(s.live->failures),
                 read(s.live->sent), read(s.live->received), why_not(s, now)}));
    }
    answer.pen += pen_server_lines(*p);
  }
  answer.tables.push_back(std::move(table));
  return answer;
}

reply status_answer(pool_list pools, const process_facts& process, instant now) {
  reply answer{.message = problems(pools, process, now), .tables = {status_table(process)}};
  reply_table table{"services",
                    {{"service", unit::text},          {"connections", unit::count}, {"conn_max", unit::count},
                     {"clients", unit::count},         {"clients_max", unit::count}, {"accepted", unit::count},
                     {"refused_acl", unit::count},     {"no_server", unit::count},   {"server_down", unit::count},
                     {"departed", unit::count},        {"servers_up", unit::count},  {"servers", unit::count},
                     {"panic", unit::state},           {"full", unit::count},        {"pending_full", unit::count},
                     {"no_files", unit::count},        {"no_room", unit::count},     {"misconfigured", unit::count},
                     {"to_emergency", unit::count},    {"to_abuse", unit::count},    {"forgotten", unit::count},
                     {"forgotten_recent", unit::count}},
                    {}};
  for (const pool* p : pools) {
    const auto up = std::count_if(p->servers.begin(), p->servers.end(),
                                  [now](const server& s) { return state_of(s, now) == "up"; });
    table.rows.push_back(cells({p->policy.name,
                                read(p->live->connections),
                                p->policy.conn_max,
                                p->clients->size(),
                                p->policy.clients_max,
                                read(p->live->accepted),
                                read(p->live->refused_acl),
                                read(p->live->no_server),
                                read(p->live->server_down),
                                read(p->live->departed),
                                up,
                                p->servers.size(),
                                p->panic(now),
                                read(p->live->full),
                                read(p->live->pending_full),
                                read(p->live->no_files),
                                read(p->live->no_room),
                                read(p->live->misconfigured),
                                read(p->live->to_emergency),
                                read(p->live->to_abuse),
                                p->clients->evictions(),
                                p->clients->recent_evictions()}));
  }
  answer.tables.push_back(std::move(table));
  if (process.vrrp) {
    reply_table roles{"vrrp", {{"group", unit::text}, {"role", unit::state}}, {}};
    for (const role_change& r : *process.vrrp) roles.rows.push_back(cells({r.group, name_of(r.is)}));
    answer.tables.push_back(std::move(roles));
  }
  return answer;
}

reply clients_answer(pool_list pools, unix_ms since, std::size_t limit, unix_ms now) {
  return list_clients(pools, since, limit, limit, now);
}

reply recent_answer(pool_list pools, unix_ms since, std::size_t limit, unix_ms now) {
  return list_clients(pools, since, limit, std::numeric_limits<std::size_t>::max(), now);
}

reply client_answer(pool_list pools, const address& who, unix_ms now) {
  reply answer;
  reply_table table = client_table_of_answer();
  for (const pool* p : pools) {
    const auto known = p->clients->look(p->key_of(who));
    if (!known) continue;
    table.rows.push_back(client_row(*p, *known, now));
    answer.pen += known->client.text() + " server " + server_name(*p, known->server) + "\n";
  }
  if (table.rows.empty()) return refused("no service knows the client " + who.text());
  answer.tables.push_back(std::move(table));
  return answer;
}

}  // namespace holdfast
