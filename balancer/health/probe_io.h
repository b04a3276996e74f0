// One health check of one server: connect as for a client, and for HTTP ask and read the status line. Runs on the
// control thread's Asio.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "balancer/choice/pool.h"
#include "balancer/health/probe_question.h"
#include "base/address.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

// Where a server is asked, and as whom.
struct probe_target {
  // One place, or several of one server: tried in turn, and it is alive if one of them is. At least one. host: as the
  // configuration has it, a name or an address; "" = the address asked.
  probe_target(const endpoint& where) : at{where} {}  // NOLINT: an endpoint is a target
  probe_target(std::vector<endpoint> where, std::string as) : at(std::move(where)), host(std::move(as)) {}

  std::vector<endpoint> at;
  std::string host;
};

// Checks as of->policy says, from its `source` if there is one (and it does not move, or is here), at its check's port
// if that has one. Calls done(outcome, why) once, from the io_context, after `limit` at the latest, of which each place
// gets its share; why is a few words unless it passed.
void probe_server(boost::asio::io_context& io, const probe_target& where, std::shared_ptr<const pool> of,
                  duration limit, std::function<void(probe_outcome, std::string why)> done);

}  // namespace holdfast
