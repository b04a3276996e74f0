// Loads a bpf_filter into a socket: from then on the kernel lets in only what passes it.
#pragma once

#include <string>

#include "base/result.h"
#include "vrrp/message/bpf_filter.h"

namespace holdfast {

// Takes the place of the one before. The error is a sentence. What waits in the socket already stays there.
result<void, std::string> load_filter(int fd, const bpf_filter& program);

// Nothing to do when there is none.
result<void, std::string> unload_filter(int fd);

}  // namespace holdfast
