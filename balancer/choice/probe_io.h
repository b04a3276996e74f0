// One health check of one server: connect as for a client, and for HTTP ask and read the status line. Runs on the
// control thread's Asio.
#pragma once

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>

#include "balancer/choice/pool.h"
#include "base/address.h"

namespace holdfast {

// spoiled: this machine had no room for the probe, which says nothing of the server.
enum class probe_outcome : std::uint8_t { passed, failed, spoiled };

// Checks as of->policy says, from its `source` if there is one. Calls done(outcome, why) once, from the io_context,
// after `limit` at the latest; why is a few words unless it passed.
void probe_server(boost::asio::io_context& io, const endpoint& where, std::shared_ptr<const pool> of, duration limit,
                  std::function<void(probe_outcome, std::string why)> done);

}  // namespace holdfast
