// IPv4 sockets of the bench tools, as cheap as they can be: their CPU time is what a proxy is measured against.
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::bench {

// Allows as many descriptors as the system lets us have, and makes a write to a closed connection an error, not a
// signal.
void prepare_process();

// Addresses are IPv4, in host order.
inline constexpr std::uint32_t own_host = 0x7f000001;  // 127.0.0.1

// A non-blocking socket that listens; what it accepts has TCP_NODELAY. Throws std::system_error.
int listen_on(std::uint32_t host, std::uint16_t port);

// Starts to connect and returns a non-blocking socket with TCP_NODELAY. source: the local address, 0 = the kernel's
// choice. Throws std::system_error.
int start_connect(std::uint32_t host, std::uint16_t port, std::uint32_t source);

// Adds the socket to the epoll set for everything, edge-triggered, once and for all. Throws std::system_error.
void watch(int poller, int fd, void* who);

[[noreturn]] void throw_errno(std::string_view what);

}  // namespace holdfast::bench
