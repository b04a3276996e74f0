#include <cstdlib>
#include <stdexcept>

#include "tests/lab/lab.h"
#include "tests/places.h"

namespace holdfast::lab {

std::string build_directory() {
  const char* other = std::getenv("HOLDFAST_BUILD");
  return other != nullptr ? other : own_build();
}

std::string built(std::string_view program) {
  const std::filesystem::path path = std::filesystem::path(build_directory()) / program;
  if (!std::filesystem::exists(path)) throw std::runtime_error("there is no " + path.string() + ": build it first");
  return path;
}

bool sanitized() {
  static const bool found = read_file(build_directory() + "/CMakeCache.txt").find("-fsanitize=") != std::string::npos;
  return found;
}

}  // namespace holdfast::lab
