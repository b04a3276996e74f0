// The program's own log: one event a line, `key=value`. What is written goes to spdlog's default logger, wherever
// main() has pointed it. Files that log include this and not spdlog, which would be compiled anew in each of them.
#pragma once

#include <fmt/core.h>

namespace holdfast::log {

enum class level { debug, info, warn, error };

// Any thread. What is below the set level is not even put together.
void write(level how, fmt::string_view text, fmt::format_args values);

template <class... Values>
void debug(fmt::format_string<Values...> text, Values&&... values) {
  write(level::debug, text, fmt::make_format_args(values...));
}
template <class... Values>
void info(fmt::format_string<Values...> text, Values&&... values) {
  write(level::info, text, fmt::make_format_args(values...));
}
template <class... Values>
void warn(fmt::format_string<Values...> text, Values&&... values) {
  write(level::warn, text, fmt::make_format_args(values...));
}
template <class... Values>
void error(fmt::format_string<Values...> text, Values&&... values) {
  write(level::error, text, fmt::make_format_args(values...));
}

}  // namespace holdfast::log
