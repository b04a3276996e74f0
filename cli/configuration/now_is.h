// What a change has made so, in a sentence for who said it. Pure.
#pragma once

#include <string>

#include "cli/language/command.h"
#include "cli/settings/settings.h"

namespace holdfast {

// "web/1: 10.0.1.11:80, weight 2, draining"; "web: listens on 80, 443"; "web: timeout 3s". now: the settings with the
// change, which is one.
std::string now_is(const settings& now, const sentence& change);

// The server that a change is about, if it is about one.
std::string server_of(const say::change& change);

}  // namespace holdfast
