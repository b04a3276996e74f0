// Sends and receives VRRP messages on one interface in one family. Carries bytes and says what the IP header says;
// knows nothing of what is in them but what the kernel's filter asks.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/address.h"
#include "base/descriptor_io.h"
#include "base/result.h"
#include "vrrp/message/advert.h"

namespace holdfast {

class advert_socket {
 public:
  // The message alone, without IP header; valid during the call only.
  using receiver = std::function<void(std::span<const std::uint8_t> message, const advert_facts&)>;

  // A raw socket of protocol 112 bound to this interface of the calling thread's network namespace, in the group
  // 224.0.0.18 or ff02::12 there. It doesn't wait and doesn't hear itself; whatever it sends has TTL or hop limit 255
  // and the precedence of network control. Needs CAP_NET_RAW. The error is a sentence.
  static result<advert_socket, std::string> open(int index, const std::string& interface, bool ipv6);

  // Lets in adverts of these virtual router ids only, judged by the kernel at next to no cost (see bpf_filter.h).
  // Without it everything of protocol 112 comes in, so that what is wrong can be counted. The error is a sentence.
  result<void, std::string> sift(std::span<const std::uint8_t> ids);
  result<void, std::string> let_all_in();

  // Sends a finished message (IPv6, too: its checksum is the caller's) to a peer or to the group. from: our address on
  // the wire, an address of this host, though not necessarily on this interface. The error is a sentence.
  result<void, std::string> send(std::span<const std::uint8_t> message, const address& from, const address& to);

  // Hands over what has come, `most` messages at most; true when more may be waiting. Messages that carry the address
  // that we sent from last are our own and are left out, as are datagrams too long for any advert.
  bool receive_all(const receiver& give, int most = 256);
  int fd() const { return fd_.get(); }  // for `readable`

 private:
  advert_socket(int index, bool ipv6, descriptor fd) : index_(index), ipv6_(ipv6), fd_(std::move(fd)) {}
  bool set_options4() const;
  bool set_options6() const;

  int index_ = 0;
  bool ipv6_ = false;
  descriptor fd_;
  std::optional<address> own_;
};

}  // namespace holdfast
