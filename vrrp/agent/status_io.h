// What `vrrp` and `events` answer: the agent's groups as tables.
#pragma once

#include <cstdint>
#include <string>

#include "base/machine.h"
#include "cli/reply/reply.h"

namespace holdfast {

class agent;

// One sentence: what each group is, and why it isn't fit.
std::string summary(const agent& of);

reply vrrp_answer(const agent& of, instant now);
reply events_answer(const agent& of, std::uint32_t count);  // the latest ones, oldest first

}  // namespace holdfast
