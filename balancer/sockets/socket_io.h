// The few things sockets need everywhere: addresses in the kernel's form and back, and options by their value.
#pragma once

#include <boost/system/error_code.hpp>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <set>

#include "base/address.h"
#include "cli/settings/settings.h"

namespace holdfast {

struct socket_address {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);

  socket_address() = default;
  explicit socket_address(const endpoint& where);  // a path longer than sockaddr_un takes is cut: see fits()
  static bool fits(const endpoint& where);

  int family() const { return storage.ss_family; }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }

  // The address and port; of a UNIX socket's nameless peer the unspecified address and port 0.
  endpoint where() const;
};

// False and errno when the kernel refuses.
bool set_option(int fd, int level, int name, int value);

// Whether the kernel asks a silent TCP peer if it is still there: after `keepalive_time`, then every 10 s; given up
// a minute later.
bool ask_when_silent(int fd, const service_settings& policy);

// What may wait in a TCP socket's buffer besides what is on its way: who reads slowly does not fill the kernel's
// memory.
inline constexpr int unsent_limit = 128 << 10;

// Its own address and port; the unspecified address and port 0 where the kernel doesn't say.
endpoint own_end(int fd);

// All of this machine's; empty when the kernel doesn't say.
std::set<address> own_addresses();

boost::system::error_code last_error();  // errno as a value

// recv, send and close for the data path. The C library's own are cancellation points: in a program with threads each
// costs two locked instructions, measurable at four of them per request.
inline ssize_t receive(int fd, void* to, std::size_t count, int flags) {
  return syscall(SYS_recvfrom, fd, to, count, flags, nullptr, nullptr);
}
inline ssize_t transmit(int fd, const void* from, std::size_t count, int flags) {
  return syscall(SYS_sendto, fd, from, count, flags, nullptr, 0);
}

}  // namespace holdfast
