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
  if (only && answer.pen.empty()) return refused("no connection " + std::to_string(*only));
  return answer;
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
