// The caller's side of a control socket: connect, say one line, hear the answer to its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace holdfast {

inline constexpr std::size_t answer_most = 256 << 20;  // bytes

struct no_answer {
  bool denied = false;  // somebody may be there, but we may not speak to them
  bool absent = false;  // nobody is there
  bool silent = false;  // somebody is, and says nothing
  std::string why;      // one sentence
};

// where: the path of a UNIX socket (it contains a '/'), or host:port; IPv6 with or without brackets. Waits at most
// `patience` for the connection and for each further piece of the answer.
result<std::string, no_answer> ask(const std::string& where, const std::string& line,
                                   std::chrono::milliseconds patience);

}  // namespace holdfast
