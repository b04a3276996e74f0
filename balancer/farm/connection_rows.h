// What `connections` answers, from what the workers tell of theirs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "balancer/flow/worker_messages.h"
#include "cli/reply/reply.h"

namespace holdfast {

// names: of the services that are asked for, by number; others' connections are left out. only: the one of that number.
reply connections_answer(const std::vector<connection_row>& rows, const std::map<std::uint32_t, std::string>& names,
                         std::optional<std::uint64_t> only);

// Which connection has that descriptor, in Pen's words; -1: none.
reply socket_answer(std::uint32_t number, const std::vector<connection_row>& rows);

// A connection was to be closed: it was there, or not.
reply closed_answer(std::uint64_t id, bool known);

// The rows of several workers as one list: the oldest first; of more than `most` those that moved something last.
std::vector<connection_row> merged(std::vector<connection_row> all, std::size_t most);

}  // namespace holdfast
