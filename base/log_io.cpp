#include "base/log_io.h"

#include <spdlog/spdlog.h>

namespace holdfast::log {
namespace {

spdlog::level::level_enum meant(level how) {
  switch (how) {
    case level::debug: return spdlog::level::debug;
    case level::info: return spdlog::level::info;
    case level::warn: return spdlog::level::warn;
    case level::error: break;
  }
  return spdlog::level::err;
}

}  // namespace

void write(level how, fmt::string_view text, fmt::format_args values) {
  if (spdlog::should_log(meant(how))) spdlog::default_logger_raw()->log(meant(how), fmt::vformat(text, values));
}

}  // namespace holdfast::log
