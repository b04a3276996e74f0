// What an operator says of one client: done in the tables of pools, and answered.
#pragma once

#include <string>
#include <string_view>

#include "balancer/show/answers.h"
#include "cli/reply/reply.h"

namespace holdfast {

// In every service that knows it; refused when none does.
reply forget_client(pool_list pools, const address& who, unix_ms now);

// It goes to that server from its next connection on.
reply pin_client(pool_list pools, const std::string& service, const address& who, std::string_view server, unix_ms now);

}  // namespace holdfast
