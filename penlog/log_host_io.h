// Where a penlogd is: names to addresses, by the system.
#pragma once

#include <string>

#include "base/address.h"
#include "base/result.h"

namespace holdfast {

// host "" = all addresses of this machine; port: a number or the name of a UDP service. Waits for the system's answer.
// The error is a sentence.
result<endpoint, std::string> find_log_host(const std::string& host, const std::string& port);

}  // namespace holdfast
