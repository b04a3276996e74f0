// What a change of all nodes comes to on one of them, and what undoing it does. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "balancer/agreement/agreement.h"
#include "base/result.h"
#include "cli/reply/reply.h"
#include "cli/settings/settings.h"

namespace holdfast {

// Of a change that is a configuration file: its text. None: it is a command.
std::optional<std::string> file_in(const std::string& change);
std::string name_of(const std::string& change);  // in a line of the log

// The settings that a change comes to; the error is a sentence. read: what a configuration file says.
using settings_reader = std::function<result<settings, std::string>(const std::string& text)>;
result<settings, std::string> outcome_of(const std::string& change, const settings& now, const settings_reader& read);

// Whether the channel between the nodes stays as it is: it could not be agreed over one that ends. node: our name.
bool keeps_company(const settings& now, const settings& wanted, const std::string& node);

// The settings when the change from `before` to `made` is taken back; what was said of servers since stays. None: since
// then something else was changed here.
std::optional<settings> undone(const settings& before, const settings& made, const settings& now);

// The change that was made last, while it may be undone.
struct change_in_hand {
  std::string what;
  settings before, made;
};

// To who has replaced the configuration file.
reply loaded_answer(const settings& before, const settings& after);

// A reply as other nodes hear it.
std::string channel_text(const reply& r);

// To our operator, from what has become of a change. node: our name.
reply answer_to(const agreement::done& outcome, const std::string& node);

}  // namespace holdfast
