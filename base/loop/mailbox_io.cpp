#include "base/loop/mailbox_io.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

#include "base/ensure.h"

namespace holdfast {

bell::bell() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!fd_) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void bell::ring() {
  if (rung_.exchange(true)) return;
  const std::uint64_t one = 1;
  ensure(write(fd_.get(), &one, sizeof one) == sizeof one);  // it is 0 or 1, so it never blocks
}

// Silence first: a ring between the two lines rings again. The other way round it would be swallowed.
void bell::hear() {
  std::uint64_t count = 0;
  const bool heard = read(fd_.get(), &count, sizeof count) == sizeof count;
  if (heard) rung_.store(false);
}

}  // namespace holdfast
