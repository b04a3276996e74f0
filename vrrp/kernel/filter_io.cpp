#include "vrrp/kernel/filter_io.h"

#include <linux/filter.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace holdfast {

result<void, std::string> load_filter(int fd, const bpf_filter& program) {
  std::vector<sock_filter> steps;
  steps.reserve(program.size());
  for (const bpf_instruction& s : program) steps.push_back({s.code, s.if_true, s.if_false, s.value});
  const sock_fprog whole{static_cast<unsigned short>(steps.size()), steps.data()};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &whole, sizeof whole) == 0) return {};
  return failure{std::string("the kernel refuses the filter: ") + std::strerror(errno)};
}

result<void, std::string> unload_filter(int fd) {
  const int unused = 0;
  if (setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused) == 0 || errno == ENOENT) return {};
  return failure{std::string("the kernel keeps the filter: ") + std::strerror(errno)};
}

}  // namespace holdfast
