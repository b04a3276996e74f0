// What is answered to a change that has been made, beside how the settings are now: connections that are left, and what
// whoever said so may not have meant.
#pragma once

#include <string>

#include "balancer/choice/pool.h"

namespace holdfast {

struct sentence;

// now_is: in words, how it is now. of: the pool of its service, null = it is about none.
std::string change_words(const std::string& now_is, const sentence& said, const pool* of);

}  // namespace holdfast
