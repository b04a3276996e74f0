#include "balancer/sockets/spare_descriptor_io.h"

#include <sys/eventfd.h>

namespace holdfast {

bool spare_descriptor::ready() {
  if (!held_) held_.reset(eventfd(0, EFD_CLOEXEC));
  return static_cast<bool>(held_);
}

}  // namespace holdfast
