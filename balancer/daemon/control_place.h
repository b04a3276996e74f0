// Where commands are taken over TCP, and from whom.
#pragma once

#include <optional>

#include "balancer/choice/acl.h"
#include "balancer/names/resolver.h"
#include "base/address.h"
#include "base/result.h"
#include "cli/settings/settings.h"

namespace holdfast {

// None: nowhere. Beyond this machine only with rules that say from whom; without an address, and without rules, on this
// machine alone. The error is a sentence.
result<std::optional<endpoint>, std::string> control_place(const settings& wanted, const resolver& names);

// Whether who calls from there may say commands: without rules, who is on this machine.
bool may_control(const settings& now, const acl_table& acls, const address& from);

}  // namespace holdfast
