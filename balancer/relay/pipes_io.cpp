#include "balancer/relay/pipes_io.h"

#include <fcntl.h>

namespace holdfast {

std::unique_ptr<pipe_ends> pipe_pool::take() {
  if (!idle_.empty()) {
    auto made = std::move(idle_.back());
    idle_.pop_back();
    return made;
  }
  if (made_ >= most || !files_.take(files_of_pipe, files_.comfort())) return nullptr;
  auto made = make();
  if (made) ++made_;
  if (!made) files_.give_back(files_of_pipe);
  return made;
}

std::unique_ptr<pipe_ends> pipe_pool::make() {
  int ends[2];
  if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return nullptr;
  auto made = std::make_unique<pipe_ends>(pipe_ends{.in = descriptor(ends[1]), .out = descriptor(ends[0])});
  // A user who has many pipes gets small ones, and those are slower than copying.
  if (fcntl(ends[1], F_SETPIPE_SZ, capacity) < 0) return nullptr;
  return made;
}

void pipe_pool::give_back(std::unique_ptr<pipe_ends> used) {
  if (used->bytes == 0 && idle_.size() < kept) {
    idle_.push_back(std::move(used));
  } else {
    --made_;
    files_.give_back(files_of_pipe);
  }
}

}  // namespace holdfast
