// Loads a sieve into a socket: from then on the kernel lets in only what passes it.
#pragma once

#include <string>

#include "base/result.h"
#include "vrrp/message/sieve.h"

namespace holdfast {

// Takes the place of the one before. The error is a sentence. What waits in the socket already stays there.
result<void, std::string> load_sieve(int fd, const sieve& program);

// Nothing to do when there is none.
result<void, std::string> unload_sieve(int fd);

}  // namespace holdfast
