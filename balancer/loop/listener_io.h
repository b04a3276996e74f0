// Listening sockets. Made on the control thread, handed to the workers, one a worker.
#pragma once

#include <boost/system/error_code.hpp>

#include "base/address.h"
#include "base/descriptor_io.h"
#include "base/result.h"

namespace holdfast {

// A listening socket: non-blocking, closed on exec, TCP_NODELAY and unsent_limit (accepted connections
// inherit them). IPv4 and IPv6 are bound free (the address need not be here yet), shared (SO_REUSEPORT: the kernel
// spreads the clients over all that listen on the same place) and apart (an IPv6 socket takes no IPv4). A UNIX socket
// can't be shared so; what a dead process left in its path is removed, a living one's is address_in_use. backlog: 1 and
// up, the kernel cuts at somaxconn.
result<descriptor, boost::system::error_code> open_listening_socket(const endpoint& where, int backlog);

// Whether somebody has this address and port now; a listener of our own counts, too, a connection that outlived its
// listener does not. open_listening_socket would share it, and the kernel would split the clients without a word.
bool is_taken(const endpoint& where);

}  // namespace holdfast
