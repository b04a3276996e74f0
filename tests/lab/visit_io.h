// A thread's visit to the network namespace of a host: sockets that it opens there stay there.
#pragma once

#include <fcntl.h>
#include <sched.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "base/descriptor_io.h"
#include "tests/lab/lab.h"

namespace holdfast::lab {

inline descriptor own_namespace() {
  descriptor fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!fd) throw std::system_error(errno, std::generic_category(), "open own network namespace");
  return fd;
}

// The calling thread is in the namespace as long as this lives.
class visit {
 public:
  explicit visit(int ns) : home_(own_namespace()) {
    if (::setns(ns, CLONE_NEWNET) < 0) throw std::system_error(errno, std::generic_category(), "enter namespace");
  }
  ~visit() {
    if (::setns(home_.get(), CLONE_NEWNET) < 0) std::abort();  // a thread lost in a foreign namespace spoils every test
  }
  visit(const visit&) = delete;
  visit& operator=(const visit&) = delete;

 private:
  descriptor home_;
};

// What f gives, called in the host.
template <class F>
auto inside(const host& where, F f) {
  const visit here(where.ns());
  return f();
}

}  // namespace holdfast::lab
