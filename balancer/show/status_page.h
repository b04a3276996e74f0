// The status page: Pen's, with its lines and columns first, for whoever reads them by program; as one valid document,
// in which every text from outside is escaped.
#pragma once

#include <span>
#include <string>

#include "balancer/flow/worker_messages.h"
#include "balancer/show/answers.h"

namespace holdfast {

// At most; of more those that moved something last.
inline constexpr std::size_t clients_on_page = 2048;
inline constexpr std::size_t connections_on_page = 500;

std::string status_page(pool_list pools, std::span<const connection_row> connections, const process_facts& process,
                        instant now, unix_ms steady);

}  // namespace holdfast
