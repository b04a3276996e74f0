#include "cli/screen/screen.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <optional>

#include "cli/reply/human.h"

namespace holdfast {

namespace {

using row = std::vector<boost::json::value>;
constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
constexpr std::size_t clients_shown = 20;
constexpr std::size_t connections_shown = 20;

// A table of an answer, its rows found by what names them and its cells by the name of their column.
class view {
 public:
  view(const reply& from, std::string_view name, const std::vector<std::string_view>& key) {
    const auto named = [name](const reply_table& t) { return t.name == name; };
    const auto found = std::ranges::find_if(from.tables, named);
    if (found == from.tables.end()) return;
    table_ = &*found;
    for (const row& r : table_->rows) {
      std::string words;
      for (const std::string_view k : key) words += text(r, k) + '\n';
      by_key_.emplace(words, &r);
      keys_.emplace(&r, std::move(words));
    }
  }

  const std::vector<row>& rows() const {
    static const std::vector<row> none;
    return table_ != nullptr ? table_->rows : none;
  }

  const boost::json::value& cell(const row& r, std::string_view column) const {
    static const boost::json::value none;
    for (std::size_t i = 0; i < table_->columns.size() && i < r.size(); ++i) {
      if (table_->columns[i].name == column) return r[i];
    }
    return none;
  }

  std::string text(const row& r, std::string_view column) const {
    const auto* found = cell(r, column).if_string();
    return found != nullptr ? std::string(*found) : "";
  }

  std::optional<double> number(const row& r, std::string_view column) const {
    const auto& found = cell(r, column);
    if (!found.is_number()) return std::nullopt;
    return found.to_number<double>();
  }

  // How much the counter has grown since the look `before`; none if that did not know the row, or knew more (a
  // restart).
  std::optional<double> growth(const view& before, const row& r, std::string_view column) const {
    const auto old_row = before.by_key_.find(keys_.at(&r));
    if (old_row == before.by_key_.end()) return std::nullopt;
    const auto old = before.number(*old_row->second, column);
    const auto fresh = number(r, column);
    if (!old || !fresh || *fresh < *old) return std::nullopt;
    return *fresh - *old;
  }

 private:
  const reply_table* table_ = nullptr;
  std::map<std::string, const row*> by_key_;
  std::map<const row*, std::string> keys_;
};

boost::json::value or_null(std::optional<double> number) {
  if (!number) return nullptr;
  return *number;
}

struct looks {
  const figures& before;
  const figures& now;
  double seconds;

  std::optional<double> rate(std::optional<double> growth) const {
    if (!growth) return std::nullopt;
    return *growth / seconds;
  }
};

std::string title(const looks& l) {
  const view status(l.now.status, "status", {"name"});
  if (status.rows().empty()) return "holdfast";
  const row& r = status.rows().front();
  std::string out = status.text(r, "name") + ' ' + status.text(r, "version");
  if (const std::string node = status.text(r, "node"); !node.empty()) out += " on " + node;
  if (const auto uptime = status.number(r, "uptime")) out += "   up " + human_duration(*uptime);
  if (const auto workers = status.number(r, "workers")) out += "   " + human_number(*workers) + " workers";
  return printable(out);
}

reply_table services_table(const looks& l) {
  const view then(l.before.status, "services", {"service"});
  const view now(l.now.status, "services", {"service"});
  const view servers_then(l.before.servers, "servers", {"service", "name"});
  const view servers_now(l.now.servers, "servers", {"service", "name"});
  // What went to and came from the servers of a service; what a removed server carried is not counted.
  const auto bytes = [&](const std::string& service, std::string_view column) {
    return std::accumulate(servers_now.rows().begin(), servers_now.rows().end(), 0.0, [&](double sum, const row& r) {
      if (servers_now.text(r, "service") != service) return sum;
      return sum + servers_now.growth(servers_then, r, column).value_or(0);
    });
  };
  reply_table out{.name = "services",
                  .columns = {{"service"},
                              {"connections", unit::count},
                              {"max", unit::count},
                              {"new", unit::per_second},
                              {"to_servers", unit::bytes_per_second},
                              {"to_clients", unit::bytes_per_second},
                              {"clients", unit::count},
                              {"no_server", unit::per_second},
                              {"servers_up"}}};
  for (const row& r : now.rows()) {
    const std::string name = now.text(r, "service");
    const std::string up = human_number(now.number(r, "servers_up").value_or(0)) + " of " +
                           human_number(now.number(r, "servers").value_or(0));
    out.rows.push_back({boost::json::string(name), now.cell(r, "connections"), now.cell(r, "conn_max"),
                        or_null(l.rate(now.growth(then, r, "accepted"))), bytes(name, "sent") / l.seconds,
                        bytes(name, "received") / l.seconds, now.cell(r, "clients"),
                        or_null(l.rate(now.growth(then, r, "no_server"))), boost::json::string(up)});
  }
  return out;
}

reply_table servers_table(const looks& l) {
  const view then(l.before.servers, "servers", {"service", "name"});
  const view now(l.now.servers, "servers", {"service", "name"});
  reply_table out{.name = "servers",
                  .columns = {{"service"},
                              {"server"},
                              {"address"},
                              {"state", unit::state},
                              {"connections", unit::count},
                              {"max", unit::count},
                              {"new", unit::per_second},
                              {"to_server", unit::bytes_per_second},
                              {"from_server", unit::bytes_per_second},
                              {"failures", unit::count}}};
  for (const row& r : now.rows()) {
    out.rows.push_back({now.cell(r, "service"), now.cell(r, "name"), now.cell(r, "address"), now.cell(r, "state"),
                        now.cell(r, "connections"), now.cell(r, "max"),
                        or_null(l.rate(now.growth(then, r, "connects"))), or_null(l.rate(now.growth(then, r, "sent"))),
                        or_null(l.rate(now.growth(then, r, "received"))), now.cell(r, "failures")});
  }
  return out;
}

// Most bytes a second first, then most connections a second, then most bytes ever.
reply_table clients_table(const looks& l) {
  const view then(l.before.clients, "clients", {"service", "client"});
  const view now(l.now.clients, "clients", {"service", "client"});
  struct ranked {
    const row* r;
    double bytes, connects, ever;
    auto rank() const { return std::tuple(-bytes, -connects, -ever); }
  };
  std::vector<ranked> all;
  for (const row& r : now.rows()) {
    const auto grown = [&](std::string_view column) { return now.growth(then, r, column).value_or(0); };
    const double ever = now.number(r, "sent").value_or(0) + now.number(r, "received").value_or(0);
    all.push_back({&r, grown("sent") + grown("received"), grown("connects"), ever});
  }
  std::ranges::stable_sort(all, {}, &ranked::rank);
  all.resize(std::min(all.size(), clients_shown));
  reply_table out{.name = "clients",
                  .columns = {{"service"},
                              {"client"},
                              {"server"},
                              {"connects", unit::count},
                              {"new", unit::per_second},
                              {"to_client", unit::bytes_per_second},
                              {"from_client", unit::bytes_per_second},
                              {"last_use", unit::seconds}}};
  for (const ranked& each : all) {
    const row& r = *each.r;
    out.rows.push_back({now.cell(r, "service"), now.cell(r, "client"), now.cell(r, "server"), now.cell(r, "connects"),
                        or_null(l.rate(now.growth(then, r, "connects"))), or_null(l.rate(now.growth(then, r, "sent"))),
                        or_null(l.rate(now.growth(then, r, "received"))), now.cell(r, "last_use")});
  }
  return out;
}

// Most bytes a second first, then those on which bytes have moved last.
reply_table connections_table(const looks& l) {
  const view then(l.before.connections, "connections", {"service", "client"});
  const view now(l.now.connections, "connections", {"service", "client"});
  struct ranked {
    const row* r;
    double bytes, quiet;
    auto rank() const { return std::pair(-bytes, quiet); }
  };
  std::vector<ranked> all;
  for (const row& r : now.rows()) {
    const auto grown = [&](std::string_view column) { return now.growth(then, r, column).value_or(0); };
    all.push_back({&r, grown("sent") + grown("received"), now.number(r, "quiet").value_or(0)});
  }
  std::ranges::stable_sort(all, {}, &ranked::rank);
  all.resize(std::min(all.size(), connections_shown));
  reply_table out{.name = "connections",
                  .columns = {{"service"},
                              {"connection"},
                              {"client"},
                              {"server"},
                              {"state", unit::state},
                              {"to_server", unit::bytes_per_second},
                              {"from_server", unit::bytes_per_second},
                              {"age", unit::seconds},
                              {"quiet", unit::seconds}}};
  for (const ranked& each : all) {
    const row& r = *each.r;
    out.rows.push_back({now.cell(r, "service"), now.cell(r, "id"), now.cell(r, "client"), now.cell(r, "server"),
                        now.cell(r, "state"), or_null(l.rate(now.growth(then, r, "sent"))),
                        or_null(l.rate(now.growth(then, r, "received"))), now.cell(r, "age"), now.cell(r, "quiet")});
  }
  return out;
}

// Adds a blank line and the table, cut to what is left of the height.
void add(std::vector<std::string>& lines, const reply_table& table, std::size_t height, const page& on) {
  constexpr std::size_t least = 3;  // a blank line, the headings and a row
  if (table.rows.empty() || lines.size() + least > height) return;
  lines.emplace_back();
  std::vector<std::string> drawn = lay_out(table, on);
  const std::size_t room = height - lines.size();
  if (drawn.size() > room) {
    const std::size_t left_out = drawn.size() - room + 1;
    drawn.resize(room - 1);
    drawn.emplace_back(first_columns("... and " + std::to_string(left_out) + " more " + table.name, on.width));
  }
  lines.insert(lines.end(), drawn.begin(), drawn.end());
}

}  // namespace

std::string draw_screen(const figures& before, const figures& now, double seconds, screen_size size, bool colour) {
  const looks l{before, now, seconds};
  const page on{.colour = colour, .width = size.width};
  const std::size_t height = size.height == 0 ? unlimited : size.height;
  std::vector<std::string> lines{std::string(first_columns(title(l), size.width))};
  const reply_table servers = servers_table(l);
  // Services may take half of the screen where there are servers to show, too.
  add(lines, services_table(l), servers.rows.empty() || height == unlimited ? height : height / 2, on);
  add(lines, servers, height, on);
  // Connections and clients share what is left.
  const reply_table clients = clients_table(l);
  const bool alone = clients.rows.empty() || height == unlimited || lines.size() >= height;
  add(lines, connections_table(l), alone ? height : lines.size() + (height - lines.size() + 1) / 2, on);
  add(lines, clients, height, on);
  std::string out;
  for (const std::string& line : lines) out += (out.empty() ? "" : "\n") + line;
  return out;
}

}  // namespace holdfast
