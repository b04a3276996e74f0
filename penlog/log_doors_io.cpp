#include "penlog/log_doors_io.h"

#include <boost/asio/io_context.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/clock_io.h"
#include "base/local_socket_io.h"
#include "base/log/once_a_minute.h"
#include "base/log/penlogd_outlet_io.h"
#include "base/log_io.h"
#include "base/paths.h"

namespace holdfast {

namespace {

constexpr std::size_t at_once = 64;
constexpr std::size_t batches_a_turn = 16;
constexpr std::size_t datagram_size = 128 << 10;  // more than there can be over UDP
constexpr int kernel_buffer = 8 << 20;            // bytes that may wait in the kernel
constexpr duration rest_time = std::chrono::seconds(1);
constexpr std::string_view local_sender = "127.0.0.1";  // whoever is on this machine, and does not say who he is

void set_option(int fd, int level, int name, int value) { ::setsockopt(fd, level, name, &value, sizeof value); }

void make_room(int fd) {
  set_option(fd, SOL_SOCKET, SO_RCVBUF, kernel_buffer);
  set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, kernel_buffer);  // beyond the system's limit, if we may
  set_option(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
}

std::string because(const std::string& what) { return what + ": " + std::strerror(errno); }

descriptor open_udp_socket(const endpoint& where) {
  const int family = where.host.is_v4() ? AF_INET : AF_INET6;
  descriptor fd(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fd;
  int failed = 0;
  if (family == AF_INET) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(where.port);
    at.sin_addr.s_addr = htonl(where.host.v4_value());
    failed = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at);
  } else {
    set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    sockaddr_in6 at{};
    at.sin6_family = AF_INET6;
    at.sin6_port = htons(where.port);
    std::memcpy(&at.sin6_addr, where.host.bytes().data(), where.host.bytes().size());
    failed = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at);
  }
  return failed == 0 ? std::move(fd) : descriptor();
}

std::string sender_of(const sockaddr_storage& from) {
  if (from.ss_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &from, sizeof four);
    return address::v4(ntohl(four.sin_addr.s_addr)).text();
  }
  if (from.ss_family != AF_INET6) return std::string(local_sender);
  sockaddr_in6 six{};
  std::memcpy(&six, &from, sizeof six);
  address::bytes_type bytes{};
  std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
  return address(bytes).text();
}

}  // namespace

struct datagram_door::batch {
  std::vector<char> bytes = std::vector<char>(at_once * datagram_size);
  std::array<sockaddr_storage, at_once> from{};
  std::array<std::array<char, CMSG_SPACE(sizeof(std::uint32_t))>, at_once> control{};
  std::array<iovec, at_once> parts{};
  std::array<mmsghdr, at_once> messages{};

  void clear() {
    for (std::size_t i = 0; i < at_once; ++i) {
      parts[i] = {bytes.data() + i * datagram_size, datagram_size};
      from[i] = {};
      messages[i] = {};
      msghdr& head = messages[i].msg_hdr;
      head.msg_name = &from[i];
      head.msg_namelen = sizeof from[i];
      head.msg_iov = &parts[i];
      head.msg_iovlen = 1;
      head.msg_control = control[i].data();
      head.msg_controllen = control[i].size();
    }
  }
};

datagram_door::datagram_door(descriptor bound) : fd_(std::move(bound)), batch_(std::make_shared<batch>()) {
  make_room(fd_.get());
}

std::size_t datagram_door::take(const lines_heard& heard) {
  batch_->clear();
  const int count = ::recvmmsg(fd_.get(), batch_->messages.data(), at_once, MSG_DONTWAIT, nullptr);
  if (count <= 0) return 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    msghdr& head = batch_->messages[i].msg_hdr;
    for (cmsghdr* c = CMSG_FIRSTHDR(&head); c != nullptr; c = CMSG_NXTHDR(&head, c)) {
      std::uint32_t all = 0;
      if (c->cmsg_type == SO_RXQ_OVFL) std::memcpy(&all, CMSG_DATA(c), sizeof all);
      dropped_ = std::max<std::uint64_t>(dropped_, all);
    }
    heard({static_cast<const char*>(batch_->parts[i].iov_base), batch_->messages[i].msg_len},
          sender_of(batch_->from[i]));
  }
  return static_cast<std::size_t>(count);
}

log_doors::log_doors(boost::asio::io_context& io, lines_heard heard) : io_(io), heard_(std::move(heard)) {}

void log_doors::listen(datagram_door& door) {
  open_.push_back(std::make_unique<readable>(io_, door.fd(), [this, &door] {
    for (std::size_t i = 0; i < batches_a_turn && door.take(heard_) == at_once; ++i) continue;
  }));
}

result<void, std::string> log_doors::open_udp(const endpoint& where) {
  descriptor fd = open_udp_socket(where);
  // A machine without IPv6.
  if (!fd && errno == EAFNOSUPPORT && where.host == address()) fd = open_udp_socket({address::v4(0), where.port, {}});
  if (!fd) return failure{because("can't listen on the port " + std::to_string(where.port))};
  listen(doors_.emplace_back(std::move(fd)));
  return {};
}

result<void, std::string> log_doors::open_local(const std::string& path) {
  if (const auto clear = clear_path(path); !clear) return clear.error();
  descriptor fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  path.copy(at.sun_path, sizeof at.sun_path - 1);
  const bool bound = fd && ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
                     give_access(path, 0660, group_number(control_group));
  if (!bound) return failure{because("can't listen on " + path)};
  listen(doors_.emplace_back(std::move(fd)));
  return {};
}

result<void, std::string> log_doors::open_tls(const endpoint& where, const tls_context& keys) {
  stream_options options;
  options.frame_limit = max_log_frame;
  options.silence = duration::zero();
  options.keep_alive = std::chrono::seconds(10);
  options.user_timeout = std::chrono::milliseconds::zero();
  listener_.emplace(
      io_, keys, options,
      listener_callbacks{
          .accepted = [this](secure_stream stream, const endpoint& from) { greet(std::move(stream), from); },
          .turned_away =
              [limit = once_a_minute()](const endpoint& from, stream_end why) mutable {
                const std::string line = "caller=refused from=" + from.host.text() + " why=\"" + describe(why) + '"';
                if (const auto say = limit.say(line, monotonic_now())) log::warn("{}", *say);
              }});
  const auto bound = listener_->listen(where);
  if (!bound) return failure{bound.error()};
  return {};
}

void log_doors::greet(secure_stream stream, const endpoint& from) {
  if (callers_.size() >= most_callers) callers_.pop_front();
  const auto caller = callers_.insert(callers_.end(), std::move(stream));
  caller->start({.opened = {},
                 .received =
                     [this, sender = from.host.text()](std::span<const std::uint8_t> frame) {
                       heard_({reinterpret_cast<const char*>(frame.data()), frame.size()}, sender);
                     },
                 .ended = [this, caller](stream_end) { callers_.erase(caller); }});
}

void log_doors::pause() { open_.clear(); }

void log_doors::resume() {
  if (!open_.empty()) return;
  for (datagram_door& door : doors_) listen(door);
}

void log_doors::take_rest() {
  const instant until = monotonic_now() + rest_time;
  for (datagram_door& door : doors_) {
    while (monotonic_now() < until && door.take(heard_) > 0) continue;
  }
}

std::uint64_t log_doors::dropped() const {
  std::uint64_t all = 0;
  for (const datagram_door& door : doors_) all += door.dropped();
  return all;
}

}  // namespace holdfast
