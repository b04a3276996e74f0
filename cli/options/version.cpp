#include "cli/options/version.h"

namespace holdfast {

std::string version_text(std::string_view program) {
  return std::string(program) + " " HOLDFAST_VERSION "\nbuilt with " HOLDFAST_BUILT_WITH "\n";
}

}  // namespace holdfast
