// What a health check asks of a server, and what an answer means: values and texts. Knows no socket.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "balancer/choice/pool.h"
#include "base/address.h"

namespace holdfast {

// spoiled: this machine had no room for the probe, which says nothing of the server.
enum class probe_outcome : std::uint8_t { passed, failed, spoiled };

// Which address a probe comes from; none: whichever the system takes. A standby has not the address that clients'
// connections will come from, and asks in its own name: whether bind() says no depends on `ip_nonlocal_bind`, and where
// it does not, the answers go to the active node.
std::optional<address> probe_source(const pool& of, const std::set<address>& own);

// Where exactly: at the check's port if it has one.
endpoint probe_place(const check_settings& check, endpoint at);

// The request of an HTTP check. host: as the configuration names the server, "" = by the address asked.
std::string probe_request(const check_settings& check, const endpoint& at, const std::string& host);

// Why a status is not what is expected: "status 503". "" = it is.
std::string objection_to_status(const check_settings& check, std::uint16_t code);

}  // namespace holdfast
