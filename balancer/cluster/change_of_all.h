// What a change of all nodes comes to on one of them, and what undoing it does. Pure.
#pragma once

#include <optional>
#include <string>

#include "cli/reply/reply.h"
#include "cli/settings/settings.h"

namespace holdfast {

// Whether the channel between the nodes stays as it is: it could not be agreed over one that ends. node: our name.
bool keeps_company(const settings& now, const settings& wanted, const std::string& node);

// The settings when the change from `before` to `made` is taken back; what was said of servers since stays. None: since
// then something else was changed here.
std::optional<settings> undone(const settings& before, const settings& made, const settings& now);

// To who has replaced the configuration file.
reply loaded_answer(const settings& before, const settings& after);

}  // namespace holdfast
