// The clients of services as lines of a file (cli/reply/client_line.h), piece by piece, and back into the tables. From
// pools alone.
#pragma once

#include <string>
#include <string_view>

#include "balancer/show/answers.h"
#include "sync/stamp.h"

namespace holdfast {

// A piece of all clients, some ten thousand lines in `pen`, in no order; the message says where the next piece begins
// ("SERVICE:NUMBER"), "" = there is none. after: such a message, "" = the first piece. Clients of servers that are no
// more are left out. While a table is being resized a client may be missing.
reply client_lines_answer(pool_list pools, std::string_view after);

// Puts clients into the tables, as a peer's news: of two assignments the later stays. lines: parted by blanks. If one
// of them is none, nothing is put. The answer counts what came of them.
reply put_clients_answer(pool_list pools, std::string_view lines, unix_ms now);

}  // namespace holdfast
