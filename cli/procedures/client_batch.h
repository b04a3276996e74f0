// The clients of a file on their way into a balancer: sorted, and packed into command lines. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/reply/client_line.h"

namespace holdfast {

inline constexpr std::size_t most_client_lines = 16'000'000;  // of a file

class client_batch {
 public:
  void add(const client_line& c);
  std::size_t size() const { return clients_.size(); }

  // Those used last come first: the balancer then puts each behind the one before, and if its table is too small, the
  // oldest are those without a place.
  void sort();

  // The next `clients put ...` of at most that many bytes, from the front on; none when all have been said.
  std::optional<std::string> next_command(std::size_t most);

 private:
  struct packed {  // 40 bytes, for there may be many
    address client;
    std::uint64_t assigned = 0, used = 0;
    std::uint32_t service = 0, server = 0;  // numbers of their names
  };
  std::uint32_t number_of(const std::string& name);
  client_line line_of(const packed& p) const;

  std::vector<packed> clients_;
  std::map<std::string, std::uint32_t> numbers_;
  std::vector<std::string> names_;
  std::size_t said_ = 0;
};

}  // namespace holdfast
