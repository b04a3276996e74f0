#include "cli/procedures/client_batch.h"

#include <algorithm>

namespace holdfast {

void client_batch::add(const client_line& c) {
  clients_.push_back({c.client, c.assigned, c.used, number_of(c.service), number_of(c.server)});
}

std::uint32_t client_batch::number_of(const std::string& name) {
  const auto [at, fresh] = numbers_.emplace(name, static_cast<std::uint32_t>(names_.size()));
  if (fresh) names_.push_back(name);
  return at->second;
}

client_line client_batch::line_of(const packed& p) const {
  return {names_[p.service], p.client, names_[p.server], p.assigned, p.used};
}

void client_batch::sort() {
  std::sort(clients_.begin(), clients_.end(), [](const packed& a, const packed& b) { return a.used > b.used; });
}

std::optional<std::string> client_batch::next_command(std::size_t most) {
  if (said_ == clients_.size()) return std::nullopt;
  std::string command = "clients put";
  for (; said_ < clients_.size(); ++said_) {
    const std::string line = print_short(line_of(clients_[said_]));
    const bool first = command.size() < sizeof "clients put";
    if (!first && command.size() + 1 + line.size() > most) break;
    command += ' ' + line;
  }
  return command;
}

}  // namespace holdfast
