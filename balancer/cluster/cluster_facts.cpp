#include "balancer/cluster/cluster_facts.h"

#include <algorithm>
#include <iterator>
#include <sstream>

#include "balancer/choice/pool.h"

namespace holdfast {

namespace {

boost::json::value json_text(std::string_view text) { return boost::json::string(text); }

// To the table of that name, by the names of columns: another version's may be others.
void add_rows(std::vector<reply_table>& to, const std::string& node, const reply_table& said) {
  const auto find = [](auto& of, const std::string& name) {
    return std::find_if(of.begin(), of.end(), [&](const auto& one) { return one.name == name; });
  };
  auto at = find(to, said.name);
  if (at == to.end()) {
    at = to.insert(to.end(), {said.name, {{"node"}}, {}});
    for (const column& c : said.columns) {
      if (c.name != "node") at->columns.push_back(c);
    }
  }
  for (const auto& row : said.rows) {
    auto& added = at->rows.emplace_back(at->columns.size());
    added.front() = json_text(node);
    for (std::size_t i = 1; i < at->columns.size(); ++i) {
      const auto from = find(said.columns, at->columns[i].name) - said.columns.begin();
      if (from < std::ssize(said.columns)) added[i] = row[static_cast<std::size_t>(from)];
    }
  }
}

config_lines without(const config_lines& all, const config_lines& these) {
  config_lines rest;
  std::set_difference(all.begin(), all.end(), these.begin(), these.end(), std::inserter(rest, rest.end()));
  return rest;
}

// A file with nothing but the service of Pen's doesn't name it.
bool has_service(const config_lines& lines, const std::string& name) {
  if (lines.contains("service " + name)) return true;
  const auto is_of_one = [](const std::string& line) { return line.starts_with("service "); };
  return name == default_service && !lines.empty() && std::none_of(lines.begin(), lines.end(), is_of_one);
}

// The upper bound of the bucket below which this share of all waits lies, in milliseconds.
std::optional<double> wait_ms(const confirm_counters& of, double share) {
  std::uint64_t all = 0;
  for (const auto& one : of.waits) all += one.load(std::memory_order_relaxed);
  if (all == 0) return std::nullopt;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < wait_buckets; ++i) {
    sum += of.waits[i].load(std::memory_order_relaxed);
    if (static_cast<double>(sum) >= share * static_cast<double>(all)) {
      return i == 0 ? 0 : static_cast<double>(1ULL << i) / 1000;
    }
  }
  return std::nullopt;
}

std::string state_of(const channel_view::node& n) {
  if (!n.connected) return "no connection: " + n.trouble;
  if (!n.in_sync) return n.why_not;
  const bool knows_us = !n.status || n.status->in_sync != 0;
  return knows_us ? std::string(in_sync_words) : "it does not know all that we know yet";
}

}  // namespace

cluster_node node_of(const channel_view::node& n, instant now) {
  cluster_node out{.name = n.name, .in_sync = n.in_sync, .software = n.software};
  if (n.since) out.since = seconds_of(now - *n.since);
  out.state = state_of(n) + (n.second.empty() ? "" : "; " + n.second);
  if (n.round_trip) out.round_trip_ms = seconds_of(*n.round_trip) * 1000;
  if (n.offset_us) out.offset_ms = static_cast<double>(*n.offset_us) / 1000;
  if (!n.status) return out;
  out.in_sync = n.in_sync && n.status->in_sync != 0;
  out.uptime = static_cast<double>(n.status->uptime);
  out.servers_alive = n.status->servers_alive;
  out.servers = n.status->servers;
  out.connections = n.status->connections;
  return out;
}

std::string lacks_of(const channel_view::node& n, const config_lines& expected) {
  std::string all;
  const auto add = [&](const std::string& what) { all += (all.empty() ? "" : "; ") + what; };
  for (const auto& [seen, size, waiting, lag] : n.services) {
    const std::string which = "service " + seen.name;
    const bool meant = has_service(expected, seen.name);
    if (seen.ours && !seen.theirs && meant) add(which + " is only here");
    if (seen.theirs && !seen.ours && !meant) add(which + " is only on " + n.name);
    if (!seen.ours || !seen.theirs || seen.fits) continue;
    const auto of = [](std::uint32_t clients, std::uint32_t room) {
      return std::to_string(clients) + " of at most " + std::to_string(room) + " clients ";
    };
    add(which + ": " + of(size, seen.capacity) + "here, " + of(seen.peer_size, seen.peer_capacity) + "on " + n.name +
        " (clients_max)");
  }
  return all;
}

cluster_service service_of(const channel_view::node& n, const channel_view::service& s, const confirm_counters* counted,
                           instant now) {
  cluster_service out{.service = s.seen.name, .node = n.name, .here = s.size, .waiting = s.waiting};
  if (s.seen.compared) {
    out.there = s.seen.peer_size;
    out.equal = s.seen.equal;
    out.compared = seconds_of(now - *s.seen.compared);
  }
  if (s.waiting > 0) out.lag_ms = s.lag_ms;
  if (counted == nullptr) return out;
  out.confirmed = counted->confirmed;
  out.timed_out = counted->timed_out;
  out.no_peer = counted->no_peer;
  out.wait_median_ms = wait_ms(*counted, 0.5);
  out.wait_p99_ms = wait_ms(*counted, 0.99);
  return out;
}

void add_roles(cluster_view& to, const std::string& node, const sync_status& status) {
  for (const sync_group& g : status.groups) {
    const auto priority = g.priority == 0 ? std::nullopt : std::optional<std::uint64_t>(g.priority);
    to.roles.push_back({g.name, node, std::string(name_of(g.is)), priority});
  }
}

std::uint64_t hash_of(const config_lines& all) {
  std::string text;
  for (const auto& line : all) text += line + '\n';
  return identity_hash(text);
}

config_lines expected_of(const std::string& node, const config_lines& ours, const std::string& here,
                         const std::map<std::string, config_lines>& file) {
  const auto told_us = file.find(here);
  const auto told_them = file.find(node);
  if (told_us == file.end() || told_them == file.end()) return ours;
  config_lines expected = without(told_them->second, without(told_us->second, ours));
  expected.merge(without(ours, told_us->second));
  return expected;
}

std::vector<cluster_difference> differences_of(const std::string& here,
                                               const std::map<std::string, config_lines>& expected,
                                               const std::map<std::string, sync_answer>& theirs) {
  std::vector<cluster_difference> out;
  for (const auto& [node, answer] : theirs) {
    const auto said = parse_wire(answer.text);
    const auto should = expected.find(node);
    if (!answer.accepted || !said || should == expected.end()) continue;
    const config_lines has = lines_of(said->pen);
    for (const auto& line : without(should->second, has)) out.push_back({here, line});
    for (const auto& line : without(has, should->second)) out.push_back({node, line});
  }
  return out;
}

reply gathered(const std::string& here, const reply& ours, const std::map<std::string, sync_answer>& theirs) {
  reply out;
  reply_table lines{"answers", {{"node"}, {"done", unit::state}, {"answer"}}, {}};
  const auto add_line = [&](const std::string& node, bool done, const std::string& line) {
    lines.rows.push_back({json_text(node), json_text(done ? "yes" : "no"), json_text(line)});
    out.pen += node + ": " + (line.empty() ? (done ? "done" : "refused") : line) + '\n';
  };
  const auto add = [&](const std::string& node, bool done, const reply& said) {
    if (!done) {
      const std::string why = said.message.empty() ? "refused" : said.message;
      out.message += (out.message.empty() ? "not done on " : "; on ") + node + ": " + why;
      out.is = verdict::refused;
    }
    for (const reply_table& t : said.tables) add_rows(out.tables, node, t);
    if (done && !said.tables.empty()) return;
    std::istringstream text(said.message.empty() ? said.pen : said.message);
    std::string line;
    for (bool first = true; std::getline(text, line) || first; first = false) add_line(node, done, line);
  };
  add(here, ours.is == verdict::done, ours);
  for (const auto& [node, answer] : theirs) {
    add(node, answer.accepted, parse_wire(answer.text).value_or(reply{.message = answer.text}));
  }
  if (!out.tables.empty()) out.pen.clear();  // tables as text say more
  if (!lines.rows.empty()) out.tables.insert(out.tables.begin(), std::move(lines));
  return out;
}

}  // namespace holdfast
