// Carries gigabytes in a pattern that shows every lost, repeated or moved byte.
#pragma once

#include <cstdint>
#include <string>

#include "base/descriptor_io.h"
#include "tests/lab/clients.h"
#include "tests/lab/lab.h"

namespace holdfast::lab {

// Sends `count` bytes of the pattern. "" or what went wrong.
std::string send_pattern(int fd, std::uint64_t count);

struct taken {
  std::uint64_t count = 0;                // bytes until the end
  std::optional<std::uint64_t> wrong_at;  // offset of the first byte that is not the pattern's
  std::string trouble;                    // "" after an orderly end
};

// Receives until the other side has ended.
taken receive_pattern(int fd);

// A server in the test's own process: listens in a host.
class listener {
 public:
  listener(const host& where, const endpoint& at);
  descriptor accept(duration limit = 5s);          // throws when nobody comes
  descriptor release() { return std::move(fd_); }  // for a loop that waits for many

 private:
  descriptor fd_;
};

}  // namespace holdfast::lab
