// An endpoint as the kernel wants it, and how a client gets an address of its own.
#pragma once

#include <sys/socket.h>

#include "base/address.h"

namespace holdfast::lab {

struct socket_address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  explicit socket_address(const endpoint& e);
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

// To an address that the host owns, and without taking a port before connect is called: thousands of clients may share
// the port range. As bind(2) answers.
int bind_source(int fd, const address& from);

}  // namespace holdfast::lab
