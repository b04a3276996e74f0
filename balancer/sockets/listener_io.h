// Listening sockets. Made on the control thread, handed to the workers, one a worker.
#pragma once

#include <boost/system/error_code.hpp>
#include <sys/types.h>

#include <string>

#include "base/address.h"
#include "base/descriptor_io.h"
#include "base/result.h"
#include "cli/settings/settings.h"

namespace holdfast {

// A listening socket: non-blocking, closed on exec, TCP_NODELAY and unsent_limit (accepted connections inherit
// them). IPv4 and IPv6 are
// bound free (the address need not be here yet), shared (SO_REUSEPORT: the kernel spreads the clients over all that
// listen on the same place) and apart (an IPv6 socket takes no IPv4). A UNIX socket can't be shared so; what a dead
// process left in its path is removed, a living one's is address_in_use. access: to a UNIX socket; nobody meets it
// before it is so. backlog: 1 and up, the kernel cuts at somaxconn.
result<descriptor, boost::system::error_code> open_listening_socket(const endpoint& where, int backlog,
                                                                    const socket_access& access = {});

// Why nobody can have such access: it names a user or group that there isn't. "" = nothing is wrong.
std::string objection_to(const socket_access& access);

// Gives the file of a UNIX socket its mode, owner and group, as far as they are said; nothing for others. The error of
// the system, or none.
boost::system::error_code let_in(const endpoint& where, const socket_access& access);

// The file of a UNIX socket that was just made: removed in the end, if it is still the one. Of "": none.
class socket_file {
 public:
  socket_file() = default;
  explicit socket_file(std::string path);
  socket_file(socket_file&& from) noexcept { swap(from); }
  socket_file& operator=(socket_file&& from) noexcept {
    swap(from);
    return *this;
  }
  ~socket_file();

  bool is_there() const;  // at its path, and not another one

 private:
  void swap(socket_file& with) noexcept {
    path_.swap(with.path_);
    std::swap(device_, with.device_);
    std::swap(inode_, with.inode_);
  }

  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// Whether somebody has this address and port now; a listener of our own counts, too, a connection that outlived its
// listener does not. open_listening_socket would share it, and the kernel would split the clients without a word.
bool is_taken(const endpoint& where);

}  // namespace holdfast
