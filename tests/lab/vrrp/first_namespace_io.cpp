// Preloaded into keepalived: the kernel tells of processes only to sockets of the first network namespace, so that one
// kind of socket is made there, and every other where the caller is. FIRST_NAMESPACE is the path of a descriptor of it.
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

namespace {

int make(int domain, int type, int protocol) { return static_cast<int>(::syscall(SYS_socket, domain, type, protocol)); }

}  // namespace

extern "C" int socket(int domain, int type, int protocol) noexcept {
  const char* first_path = std::getenv("FIRST_NAMESPACE");
  if (domain != AF_NETLINK || protocol != NETLINK_CONNECTOR || first_path == nullptr)
    return make(domain, type, protocol);
  const int home = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  const int first = ::open(first_path, O_RDONLY | O_CLOEXEC);
  ::setns(first, CLONE_NEWNET);
  const int made = make(domain, type, protocol);
  ::setns(home, CLONE_NEWNET);
  ::close(first);
  ::close(home);
  return made;
}
