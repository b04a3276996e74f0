#include "balancer/sockets/socket_io.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace holdfast {

namespace {

socklen_t write_unix(sockaddr_storage& storage, const std::string& path) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  path.copy(to.sun_path, sizeof to.sun_path - 1);
  std::memcpy(&storage, &to, sizeof to);
  return sizeof to;
}

socklen_t write_v4(sockaddr_storage& storage, const endpoint& where) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(where.port);
  to.sin_addr.s_addr = htonl(where.host.v4_value());
  std::memcpy(&storage, &to, sizeof to);
  return sizeof to;
}

socklen_t write_v6(sockaddr_storage& storage, const endpoint& where) {
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(where.port);
  std::memcpy(&to.sin6_addr, where.host.bytes().data(), where.host.bytes().size());
  std::memcpy(&storage, &to, sizeof to);
  return sizeof to;
}

}  // namespace

bool socket_address::fits(const endpoint& where) { return where.path.size() < sizeof(sockaddr_un::sun_path); }

socket_address::socket_address(const endpoint& where) {
  if (!where.path.empty()) {
    length = write_unix(storage, where.path);
  } else {
    length = where.host.is_v4() ? write_v4(storage, where) : write_v6(storage, where);
  }
}

endpoint socket_address::where() const {
  if (family() == AF_INET) {
    sockaddr_in from{};
    std::memcpy(&from, &storage, sizeof from);
    return {.host = address::v4(ntohl(from.sin_addr.s_addr)), .port = ntohs(from.sin_port), .path = {}};
  }
  if (family() != AF_INET6) return {};
  sockaddr_in6 from{};
  std::memcpy(&from, &storage, sizeof from);
  address::bytes_type bytes{};
  std::memcpy(bytes.data(), &from.sin6_addr, bytes.size());
  return {.host = address(bytes), .port = ntohs(from.sin6_port), .path = {}};
}

bool set_option(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

bool ask_when_silent(int fd, const service_settings& policy) {
  if (!policy.keepalive) return set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 0);
  const auto silent = std::chrono::duration_cast<std::chrono::seconds>(policy.keepalive_time);
  return set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1) &&
         set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, static_cast<int>(silent.count())) &&
         set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10) && set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 6);
}

endpoint own_end(int fd) {
  socket_address own;
  if (::getsockname(fd, own.get(), &own.length) != 0) return {};
  return own.where();
}

std::set<address> own_addresses() {
  ifaddrs* found = nullptr;
  if (getifaddrs(&found) != 0) return {};
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> all(found, freeifaddrs);
  std::set<address> out;
  for (const ifaddrs* one = found; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) continue;
    const int family = one->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    socket_address at;
    std::memcpy(&at.storage, one->ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    out.insert(at.where().host);
  }
  return out;
}

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

}  // namespace holdfast
