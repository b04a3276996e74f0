#include "vrrp/kernel/neighbour_io.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <set>

#include "vrrp/kernel/filter_io.h"

namespace holdfast {

namespace {

constexpr std::size_t longest = 2048;  // of what passes our filter, the answers to our probes have 42 and 86 bytes

failure because(const std::string& what) { return {what + ": " + std::strerror(errno)}; }

}  // namespace

// It is made deaf (protocol 0) and hears, if at all, once its filter is there and it is bound.
result<neighbour_socket, std::string> neighbour_socket::open(int index, std::uint16_t protocol,
                                                             const bpf_filter& passes) {
  const std::string what = "no packet socket on interface " + std::to_string(index);
  neighbour_socket out(descriptor(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)));
  if (!out.fd_) return because(what);
  if (protocol != 0) {
    if (auto loaded = load_filter(out.fd(), passes); !loaded) return failure{what + ": " + loaded.error()};
    const int on = 1;
    if (setsockopt(out.fd(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) != 0) return because(what);
  }
  sockaddr_ll where{};
  where.sll_family = AF_PACKET;
  where.sll_protocol = htons(protocol);
  where.sll_ifindex = index;
  if (bind(out.fd(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) return because(what);
  return out;
}

result<neighbour_socket, std::string> neighbour_socket::to_speak(int index) { return open(index, 0, {}); }
result<neighbour_socket, std::string> neighbour_socket::to_hear(int index) {
  return open(index, ETH_P_ALL, neighbour_filter());
}

result<neighbour_socket, std::string> neighbour_socket::to_watch(int index, bool six) {
  if (!six) return open(index, ETH_P_ARP, claim_filter());
  const std::string what = "no ICMPv6 socket on interface " + std::to_string(index);
  neighbour_socket out(descriptor(::socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6)));
  if (!out.fd_) return because(what);
  icmp6_filter advertisements{};
  ICMP6_FILTER_SETBLOCKALL(&advertisements);
  ICMP6_FILTER_SETPASS(ND_NEIGHBOR_ADVERT, &advertisements);
  if (setsockopt(out.fd(), IPPROTO_ICMPV6, ICMP6_FILTER, &advertisements, sizeof advertisements) != 0 ||
      setsockopt(out.fd(), SOL_SOCKET, SO_BINDTOIFINDEX, &index, sizeof index) != 0) {
    return because(what);
  }
  return out;
}

result<void, std::string> neighbour_socket::send(std::span<const std::uint8_t> frame) {
  if (::send(fd(), frame.data(), frame.size(), MSG_NOSIGNAL) >= 0) return {};
  return because("a frame was not sent");
}

bool neighbour_socket::receive_all(const receiver& give, int most) {
  std::array<std::uint8_t, longest> bytes;
  for (int i = 0; i < most; ++i) {
    const ssize_t got = recv(fd(), bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EAGAIN) return false;
    if (got > 0) give(std::span(bytes.data(), static_cast<std::size_t>(got)));
  }
  return true;
}

result<solicited_groups, std::string> solicited_groups::join(int index, std::span<const address> whose) {
  constexpr std::size_t most = 256;  // to a socket: the kernel counts the memory of each (net.core.optmem_max)
  std::set<std::array<std::uint8_t, 3>> wanted;
  for (const address& a : whose) {
    if (!a.is_v4()) wanted.insert({a.bytes()[13], a.bytes()[14], a.bytes()[15]});
  }
  solicited_groups out;
  std::size_t joined = 0;
  for (const auto& tail : wanted) {
    if (joined++ % most == 0) out.sockets_.emplace_back(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ipv6_mreq group{};
    group.ipv6mr_interface = static_cast<unsigned>(index);
    group.ipv6mr_multiaddr = {{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, tail[0], tail[1], tail[2]}}};
    if (setsockopt(out.sockets_.back().get(), IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof group) != 0) {
      return because("can't join the neighbours' groups of IPv6 addresses");
    }
  }
  return out;
}

}  // namespace holdfast
