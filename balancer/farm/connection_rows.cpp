#include "balancer/farm/connection_rows.h"

#include <boost/json/array.hpp>

#include <algorithm>

namespace holdfast {

namespace {

std::string_view name_of(flow_state s) {
  switch (s) {
    case flow_state::fresh: return "fresh";
    case flow_state::peeking: return "peeking";
    case flow_state::connecting: return "connecting";
    case flow_state::relaying: return "relaying";
    case flow_state::closed: return "closed";
  }
  return "";
}

// Pen's: 1 = waits for its server, 2 = carried.
int pen_state(flow_state s) { return s == flow_state::closed ? 0 : s == flow_state::relaying ? 2 : 1; }

// Pen's lines on one connection, and behind them ours. Pen's numbers of clients are not to be had.
std::string pen_lines(const connection_row& c) {
  return "Connection " + std::to_string(c.id) + ":\nstate = " + std::to_string(pen_state(c.state)) +
         "\ndownfd = " + std::to_string(c.client_socket) + ", upfd = " + std::to_string(c.server_socket) +
         "\nclient = " + c.client.text() + ", server = " + (c.server.empty() ? "-1" : c.server) +
         "\npend = " + std::to_string(c.held_for_client + c.held_for_server) + "\nsx = " + std::to_string(c.sent) +
         ", rx = " + std::to_string(c.received) + '\n';
}

void add_row(reply& answer, const connection_row& c, const std::string& service) {
  const boost::json::array cells{c.id,   service,    c.client.text(),   c.server,           name_of(c.state),
                                 c.sent, c.received, seconds_of(c.age), seconds_of(c.quiet)};
  answer.tables.front().rows.emplace_back(cells.begin(), cells.end());
  answer.pen += "Connection " + std::to_string(c.id) + ": client " + c.client.text() + " server " + c.server +
                " state " + std::string(name_of(c.state)) + " sx " + std::to_string(c.sent) + " rx " +
                std::to_string(c.received) + "\n";
}

}  // namespace

reply connections_answer(const std::vector<connection_row>& rows, const std::map<std::uint32_t, std::string>& names,
                         std::optional<std::uint64_t> only) {
  reply answer;
  answer.tables.push_back({"connections",
                           {{"id", unit::count},
                            {"service", unit::text},
                            {"client", unit::text},
                            {"server", unit::text},
                            {"state", unit::state},
                            {"sent", unit::bytes},
                            {"received", unit::bytes},
                            {"age", unit::seconds},
                            {"quiet", unit::seconds}},
                           {}});
  for (const auto& c : rows) {
    const auto name = names.find(c.service);
    if (name != names.end() && (!only || c.id == *only)) add_row(answer, c, name->second);
  }
  if (!only) return answer;
  if (answer.pen.empty()) {
    answer = refused("no connection " + std::to_string(*only));
    answer.pen = "Connection " + std::to_string(*only) + " out of range\n";
    return answer;
  }
  const auto one = std::find_if(rows.begin(), rows.end(), [&](const connection_row& c) { return c.id == *only; });
  answer.pen = pen_lines(*one);
  return answer;
}

reply socket_answer(std::uint32_t number, const std::vector<connection_row>& rows) {
  const std::string connection = rows.empty() ? "-1" : std::to_string(rows.front().id);
  return {.pen = "Socket " + std::to_string(number) + " belongs to connection " + connection + "\n"};
}

reply closed_answer(std::uint64_t id, bool known) {
  const std::string number = std::to_string(id);
  reply answer = known ? reply() : refused("no connection " + number);
  answer.pen = known ? "Forcibly closing connection " + number + "\n" : "Connection " + number + " out of range\n";
  return answer;
}

std::vector<connection_row> merged(std::vector<connection_row> all, std::size_t most) {
  if (all.size() > most) {
    std::ranges::sort(all, {}, &connection_row::quiet);
    all.resize(most);
  }
  std::ranges::sort(all, std::greater(), &connection_row::age);
  return all;
}

}  // namespace holdfast
