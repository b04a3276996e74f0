#include "balancer/choice/resolve_io.h"

#include <netdb.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>

namespace holdfast {

namespace {

result<std::uint16_t, std::string> port_of(const std::string& text) {
  if (text.empty()) return std::uint16_t{0};
  if (const auto number = parse_port(text, true)) return *number;
  const servent* service = getservbyname(text.c_str(), "tcp");
  if (service == nullptr) return "expected a port number or service name, not '" + text + "'";
  return ntohs(static_cast<std::uint16_t>(service->s_port));
}

address from_socket_address(const sockaddr* from) {
  if (from->sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, from, sizeof four);
    return address::v4(ntohl(four.sin_addr.s_addr));
  }
  sockaddr_in6 six{};
  std::memcpy(&six, from, sizeof six);
  address::bytes_type bytes{};
  std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
  return address(bytes);
}

result<address, std::string> host_of(const std::string& text) {
  if (text.empty()) return address::v4(0);
  if (const auto literal = address::parse(text)) return *literal;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(text.c_str(), nullptr, &hints, &found);
  if (error != 0) return "expected an address or a name that resolves, not '" + text + "': " + gai_strerror(error);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  return from_socket_address(found->ai_addr);
}

}  // namespace

result<endpoint, std::string> resolver::find(const place& where) {
  if (!where.path.empty()) return endpoint{.host = {}, .port = 0, .path = where.path};
  if (const auto hit = known_.find(where); hit != known_.end()) return hit->second;
  const auto host = host_of(where.host);
  if (!host) return host.error();
  const auto port = port_of(where.port);
  if (!port) return port.error();
  return known_[where] = endpoint{.host = *host, .port = *port, .path = {}};
}

}  // namespace holdfast
