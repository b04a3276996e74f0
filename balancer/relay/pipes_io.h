// Pipes for bulk: bytes go from socket to socket through the kernel, without passing through our memory.
#pragma once

#include <memory>
#include <vector>

#include "balancer/sockets/descriptor_budget.h"
#include "base/descriptor_io.h"

namespace holdfast {

struct pipe_ends {
  descriptor in, out;       // bytes go in at `in`, and out at `out`
  std::uint32_t bytes = 0;  // inside now
};

// Of one worker.
class pipe_pool {
 public:
  static constexpr std::size_t capacity = 512 << 10;  // bytes in a pipe, at most
  static constexpr std::size_t most = 128;            // pipes at once: 64 MiB, what the kernel grants a user

  explicit pipe_pool(descriptor_budget& files) : files_(files) {}

  // An empty pipe; null when there are enough, descriptors get few, or the kernel grants no more: then bytes are
  // copied.
  std::unique_ptr<pipe_ends> take();
  bool exhausted() const { return idle_.empty() && made_ >= most; }
  void give_back(std::unique_ptr<pipe_ends> used);  // with bytes left inside it is closed

 private:
  static constexpr std::size_t kept = 32;
  static constexpr std::int64_t files_of_pipe = 2;

  std::unique_ptr<pipe_ends> make();

  descriptor_budget& files_;
  std::vector<std::unique_ptr<pipe_ends>> idle_;
  std::size_t made_ = 0;
};

}  // namespace holdfast
