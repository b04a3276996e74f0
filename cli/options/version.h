// What --version says: the version, and what it was built with. The same for each build of the same sources.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// Lines; the first is "PROGRAM VERSION".
std::string version_text(std::string_view program);

}  // namespace holdfast
