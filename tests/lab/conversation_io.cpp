#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "tests/lab/clients.h"
#include "tests/lab/socket_address_io.h"

namespace holdfast::lab {

socket_address::socket_address(const endpoint& e) {
  if (!e.path.empty()) {
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    if (e.path.size() >= sizeof a.sun_path) throw std::runtime_error("path too long: " + e.path);
    std::memcpy(a.sun_path, e.path.c_str(), e.path.size() + 1);
    std::memcpy(&storage, &a, length = sizeof a);
  } else if (e.host.is_v4()) {
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_port = htons(e.port);
    a.sin_addr.s_addr = htonl(e.host.v4_value());
    std::memcpy(&storage, &a, length = sizeof a);
  } else {
    sockaddr_in6 a{};
    a.sin6_family = AF_INET6;
    a.sin6_port = htons(e.port);
    std::memcpy(&a.sin6_addr, e.host.bytes().data(), 16);
    std::memcpy(&storage, &a, length = sizeof a);
  }
}

int bind_source(int fd, const address& from) {
  const int on = 1;
  from.is_v4() ? ::setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on)
               : ::setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  const socket_address local(endpoint{.host = from, .port = 0, .path = {}});
  return ::bind(fd, local.get(), local.length);
}

namespace {

void limit_waits(int fd, duration patience) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(patience).count();
  const timeval limit{us / 1'000'000, us % 1'000'000};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);  // of connect, too
}

std::size_t content_length(const std::string& head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 16, nullptr, 10);
}

}  // namespace

conversation::conversation(const host& where, const address& from, const endpoint& to, duration patience) {
  const socket_address remote(to);
  fd_ = where.socket(remote.family(), SOCK_STREAM);
  limit_waits(fd(), patience);
  if (from != address() && bind_source(fd(), from) < 0)
    fail(errno);
  else if (::connect(fd(), remote.get(), remote.length) < 0)
    fail(errno == EINPROGRESS ? ETIMEDOUT : errno);
}

conversation::conversation(descriptor accepted, duration patience) : fd_(std::move(accepted)) {
  limit_waits(fd(), patience);
}

void conversation::fail(int error) {
  if (!trouble_.empty()) return;
  switch (error) {
    case 0: trouble_ = "(closed)"; break;
    case ECONNREFUSED: trouble_ = "(refused)"; break;
    case EPIPE:
    case ECONNRESET: trouble_ = "(reset)"; break;
    case EAGAIN:
    case ETIMEDOUT: trouble_ = "(timeout)"; break;
    default: trouble_ = '(' + std::string(std::strerror(error)) + ')';
  }
}

bool conversation::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0) {
      fail(errno);
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string conversation::receive(std::size_t at_most) {
  if (!trouble_.empty()) return {};
  std::string bytes(at_most, '\0');
  const ssize_t n = ::recv(fd(), bytes.data(), bytes.size(), 0);
  if (n <= 0) fail(n < 0 ? errno : 0);
  bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return bytes;
}

std::string conversation::receive_all() {
  std::string all;
  for (std::string piece; !(piece = receive(65536)).empty();) all += piece;
  return all;
}

void conversation::finish() { ::shutdown(fd(), SHUT_WR); }

void conversation::reset() {
  const linger now{1, 0};
  ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  fd_.reset();
}

std::string conversation::get(const std::string& path, const std::string& header_lines) {
  if (!send("GET " + path + " HTTP/1.1\r\nHost: lab\r\n" + header_lines + "\r\n")) return trouble_;
  std::string text;
  std::size_t end = std::string::npos;
  while ((end = text.find("\r\n\r\n")) == std::string::npos) {
    const std::string piece = receive(4096);
    if (piece.empty()) return trouble_;
    text += piece;
  }
  std::string body = text.substr(end + 4);
  for (const std::size_t length = content_length(text.substr(0, end)); body.size() < length;) {
    const std::string piece = receive(length - body.size());
    if (piece.empty()) return trouble_;
    body += piece;
  }
  if (const std::string status = text.substr(9, 3); status != "200") return "(status " + status + ")";
  return body;
}

std::string ask(const host& where, const address& from, const endpoint& to, duration patience) {
  return conversation(where, from, to, patience).get("/", "Connection: close\r\n");
}

}  // namespace holdfast::lab
