// ensure(): the one macro. Our own bugs abort the process in every build; in an active/standby pair a clean crash is a
// failover.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace holdfast::detail {

[[noreturn]] inline void broken(const char* claim, const char* file, int line) {
  std::fprintf(stderr, "holdfast: broken invariant: %s (%s:%d)\n", claim, file, line);
  std::abort();
}

}  // namespace holdfast::detail

#define ensure(claim) (static_cast<bool>(claim) ? void() : ::holdfast::detail::broken(#claim, __FILE__, __LINE__))
