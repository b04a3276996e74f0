// Sends finished Ethernet frames on one interface (gratuitous ARP, neighbour advertisements, probes), and, while
// somebody wants to know, hears ARP replies and neighbour advertisements there. Bytes only.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/descriptor_io.h"
#include "base/result.h"
#include "vrrp/message/bpf_filter.h"

namespace holdfast {

class neighbour_socket {
 public:
  using receiver = std::function<void(std::span<const std::uint8_t> frame)>;

  // On this interface of the calling thread's network namespace. It doesn't wait, and hears nothing: a packet socket
  // that hears costs every packet of the host something. Needs CAP_NET_RAW. The error is a sentence.
  static result<neighbour_socket, std::string> to_speak(int index);

  // One that also hears ARP replies and ICMPv6 neighbour advertisements; for as long as it lives.
  static result<neighbour_socket, std::string> to_hear(int index);

  // One that hears whoever says that he has an address, and nothing else of what passes: in IPv4 frames of ARP, in IPv6
  // ICMPv6 messages without their header. Costs other packets nothing.
  static result<neighbour_socket, std::string> to_watch(int index, bool six);

  // A whole frame, from the destination's MAC address on, without check sequence. The error is a sentence.
  result<void, std::string> send(std::span<const std::uint8_t> frame);

  // Hands over what has come, `most` frames at most; true when more may be waiting. Frames are valid during the call.
  bool receive_all(const receiver& give, int most = 256);

  int fd() const { return fd_.get(); }  // for `readable`

 private:
  explicit neighbour_socket(descriptor fd) : fd_(std::move(fd)) {}
  static result<neighbour_socket, std::string> open(int index, std::uint16_t protocol, const bpf_filter& passes);
  descriptor fd_;
};

// Membership of the groups in which neighbours ask for IPv6 addresses (RFC 4291, 2.7.1), for as long as it lives. The
// kernel joins an address's group a moment after it has put the address on: a question in that moment goes unheard and
// is repeated a second later. And a switch that snoops MLD would learn of us only then. So whoever may get the
// addresses is a member before.
class solicited_groups {
 public:
  // Of all these addresses on this interface; IPv4 ones have none. The error is a sentence.
  static result<solicited_groups, std::string> join(int index, std::span<const address> whose);

 private:
  std::vector<descriptor> sockets_;
};

}  // namespace holdfast
