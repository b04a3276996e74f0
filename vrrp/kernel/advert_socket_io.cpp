#include "vrrp/kernel/advert_socket_io.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "vrrp/kernel/filter_io.h"
#include "vrrp/message/datagram.h"

namespace holdfast {

namespace {

constexpr int vrrp_protocol = 112;
constexpr int room = 1 << 20;          // bytes that may wait for us: a storm must not push out what we want
constexpr int network_control = 0xc0;  // TOS and traffic class
constexpr int urgent = 7;              // before all else in our own queues (TC_PRIO_CONTROL)
constexpr int widest = 255;            // TTL and hop limit
constexpr std::size_t longest = 8192;  // 255 IPv6 addresses, their trailer and IP options take 4200 bytes

// Room for the packet information that goes with a message, of either family, and a TTL.
struct control_bytes {
  alignas(cmsghdr) std::array<char, 128> bytes{};
};

template <class T>
bool set(int fd, int level, int name, const T& value) {
  return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

failure because(const std::string& what) { return {what + ": " + std::strerror(errno)}; }

in_addr to_v4(const address& a) { return {htonl(a.v4_value())}; }

in6_addr to_v6(const address& a) {
  in6_addr out{};
  std::copy(a.bytes().begin(), a.bytes().end(), out.s6_addr);
  return out;
}

address to_address(const in_addr& a) { return address::v4(ntohl(a.s_addr)); }

address to_address(const in6_addr& a) {
  address::bytes_type out{};
  std::copy(std::begin(a.s6_addr), std::end(a.s6_addr), out.begin());
  return address(out);
}

template <class T>
void attach(msghdr& m, int level, int type, const T& value) {
  cmsghdr* head = CMSG_FIRSTHDR(&m);
  head->cmsg_level = level;
  head->cmsg_type = type;
  head->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(head), &value, sizeof value);
  m.msg_controllen = CMSG_SPACE(sizeof value);
}

template <class T>
T read(const cmsghdr& from) {
  T out{};
  std::memcpy(&out, CMSG_DATA(&from), sizeof out);
  return out;
}

// What stands beside a message: where it went, how far it came, and through which interface.
struct beside {
  int index = 0;
  advert_facts facts;

  explicit beside(msghdr& m) {
    for (cmsghdr* at = CMSG_FIRSTHDR(&m); at != nullptr; at = CMSG_NXTHDR(&m, at)) note(*at);
  }

  void note(const cmsghdr& c) {
    if (c.cmsg_level == IPPROTO_IP && c.cmsg_type == IP_PKTINFO) {
      const auto info = read<in_pktinfo>(c);
      index = info.ipi_ifindex;
      facts.ends.destination = to_address(info.ipi_addr);
    } else if (c.cmsg_level == IPPROTO_IPV6 && c.cmsg_type == IPV6_PKTINFO) {
      const auto info = read<in6_pktinfo>(c);
      index = static_cast<int>(info.ipi6_ifindex);
      facts.ends.destination = to_address(info.ipi6_addr);
    } else if ((c.cmsg_level == IPPROTO_IP && c.cmsg_type == IP_TTL) ||
               (c.cmsg_level == IPPROTO_IPV6 && c.cmsg_type == IPV6_HOPLIMIT)) {
      facts.hops = static_cast<std::uint8_t>(read<int>(c));
    }
  }
};

}  // namespace

result<advert_socket, std::string> advert_socket::open(int index, const std::string& interface, bool ipv6) {
  const std::string what = "no VRRP socket on " + interface;
  descriptor fd(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, vrrp_protocol));
  if (!fd) return because(what);
  advert_socket out(index, ipv6, std::move(fd));
  if (setsockopt(out.fd(), SOL_SOCKET, SO_BINDTODEVICE, interface.data(), static_cast<socklen_t>(interface.size())) !=
          0 ||
      !(ipv6 ? out.set_options6() : out.set_options4())) {
    return because(what);
  }
  // Without the capability to go beyond the system's bound we take what it gives; the priority is a wish, too.
  if (!set(out.fd(), SOL_SOCKET, SO_RCVBUFFORCE, room)) set(out.fd(), SOL_SOCKET, SO_RCVBUF, room);
  set(out.fd(), SOL_SOCKET, SO_PRIORITY, urgent);
  return out;
}

bool advert_socket::set_options4() const {
  const ip_mreqn where{.imr_multiaddr = to_v4(vrrp_group(false)), .imr_address = {}, .imr_ifindex = index_};
  return set(fd(), IPPROTO_IP, IP_ADD_MEMBERSHIP, where) && set(fd(), IPPROTO_IP, IP_MULTICAST_IF, where) &&
         set(fd(), IPPROTO_IP, IP_MULTICAST_ALL, 0) && set(fd(), IPPROTO_IP, IP_MULTICAST_LOOP, 0) &&
         set(fd(), IPPROTO_IP, IP_MULTICAST_TTL, widest) && set(fd(), IPPROTO_IP, IP_TTL, widest) &&
         set(fd(), IPPROTO_IP, IP_TOS, network_control) && set(fd(), IPPROTO_IP, IP_RECVTTL, 1) &&
         set(fd(), IPPROTO_IP, IP_PKTINFO, 1);
}

// IPV6_FREEBIND: the source may be the link-local address of the interface that ours is made on.
bool advert_socket::set_options6() const {
  const ipv6_mreq where{.ipv6mr_multiaddr = to_v6(vrrp_group(true)), .ipv6mr_interface = static_cast<unsigned>(index_)};
  return set(fd(), IPPROTO_IPV6, IPV6_JOIN_GROUP, where) && set(fd(), IPPROTO_IPV6, IPV6_MULTICAST_IF, index_) &&
         set(fd(), IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0) && set(fd(), IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0) &&
         set(fd(), IPPROTO_IPV6, IPV6_MULTICAST_HOPS, widest) && set(fd(), IPPROTO_IPV6, IPV6_UNICAST_HOPS, widest) &&
         set(fd(), IPPROTO_IPV6, IPV6_TCLASS, network_control) && set(fd(), IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) &&
         set(fd(), IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) && set(fd(), IPPROTO_IPV6, IPV6_FREEBIND, 1);
}

result<void, std::string> advert_socket::sift(std::span<const std::uint8_t> ids) {
  return load_filter(fd(), advert_filter(ipv6_, ids));
}

result<void, std::string> advert_socket::let_all_in() { return unload_filter(fd()); }

result<void, std::string> advert_socket::send(std::span<const std::uint8_t> message, const address& from,
                                              const address& to) {
  own_ = from;
  sockaddr_in peer4{};
  sockaddr_in6 peer6{};
  iovec part{const_cast<std::uint8_t*>(message.data()), message.size()};
  control_bytes control;
  msghdr m{};
  m.msg_iov = &part;
  m.msg_iovlen = 1;
  m.msg_control = control.bytes.data();
  m.msg_controllen = control.bytes.size();
  if (ipv6_) {
    peer6.sin6_family = AF_INET6;
    peer6.sin6_addr = to_v6(to);
    peer6.sin6_scope_id = static_cast<std::uint32_t>(index_);
    m.msg_name = &peer6;
    m.msg_namelen = sizeof peer6;
    const auto index = static_cast<unsigned>(index_);
    attach(m, IPPROTO_IPV6, IPV6_PKTINFO, in6_pktinfo{.ipi6_addr = to_v6(from), .ipi6_ifindex = index});
  } else {
    peer4.sin_family = AF_INET;
    peer4.sin_addr = to_v4(to);
    m.msg_name = &peer4;
    m.msg_namelen = sizeof peer4;
    attach(m, IPPROTO_IP, IP_PKTINFO, in_pktinfo{.ipi_ifindex = index_, .ipi_spec_dst = to_v4(from), .ipi_addr = {}});
  }
  if (sendmsg(fd(), &m, MSG_NOSIGNAL) < 0) return because("no advert to " + to.text() + " from " + from.text());
  return {};
}

bool advert_socket::receive_all(const receiver& give, int most) {
  std::array<std::uint8_t, longest> bytes;
  control_bytes control;
  sockaddr_storage peer{};
  for (int i = 0; i < most; ++i) {
    iovec part{bytes.data(), bytes.size()};
    msghdr m{};
    m.msg_name = &peer;
    m.msg_namelen = sizeof peer;
    m.msg_iov = &part;
    m.msg_iovlen = 1;
    m.msg_control = control.bytes.data();
    m.msg_controllen = control.bytes.size();
    const ssize_t got = recvmsg(fd(), &m, 0);
    if (got < 0 && errno == EAGAIN) return false;
    if (got < 0 || (m.msg_flags & MSG_TRUNC) != 0) continue;  // what went wrong was told once; the next may be well
    beside known(m);
    const std::span<const std::uint8_t> datagram(bytes.data(), static_cast<std::size_t>(got));
    const auto message = ipv6_ ? datagram : without_ipv4_header(datagram);
    known.facts.ends.source = ipv6_ ? to_address(reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr)
                                    : to_address(reinterpret_cast<const sockaddr_in&>(peer).sin_addr);
    // Until it was bound to its interface, packets from others may have come in.
    const bool elsewhere = known.index != index_;
    if (!message.empty() && !elsewhere && known.facts.ends.source != own_) give(message, known.facts);
  }
  return true;
}

}  // namespace holdfast
