#include "penlog/log_host_io.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <memory>

namespace holdfast {

namespace {

endpoint endpoint_of(const sockaddr* found) {
  if (found->sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, found, sizeof four);
    return {address::v4(ntohl(four.sin_addr.s_addr)), ntohs(four.sin_port), {}};
  }
  sockaddr_in6 six{};
  std::memcpy(&six, found, sizeof six);
  address::bytes_type bytes{};
  std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
  return {address(bytes), ntohs(six.sin6_port), {}};
}

}  // namespace

result<endpoint, std::string> find_log_host(const std::string& host, const std::string& port) {
  const auto literal = address::parse(host);
  const std::string plain = literal ? literal->text() : host;  // without brackets
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_DGRAM;
  wanted.ai_flags = host.empty() ? AI_PASSIVE : AI_ADDRCONFIG;
  if (literal) wanted.ai_flags = AI_NUMERICHOST;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(host.empty() ? "::" : plain.c_str(), port.c_str(), &wanted, &list);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(list, ::freeaddrinfo);
  if (failed != 0) return failure{host + ' ' + port + ": " + ::gai_strerror(failed)};
  return endpoint_of(found->ai_addr);
}

}  // namespace holdfast
