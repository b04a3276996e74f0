// The agent's way of talking with rtnetlink: orders in batches, questions, and what the kernel says unasked. Knows
// messages and how to read them; decides nothing. Every call is one round trip to the kernel, which answers at once:
// nothing here waits for anybody else. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "vrrp/front/link_facts.h"

struct nl_msg;
struct nl_sock;
struct nlmsghdr;

namespace holdfast {

struct message_release {
  void operator()(nl_msg* m) const;
};
using netlink_message = std::unique_ptr<nl_msg, message_release>;

// A message with its fixed part; attributes are put behind it with libnl's nla_put and its kin.
netlink_message new_message(int type, int flags, const void* fixed, std::size_t size);

// What a message of the kernel says; none when it is about something else.
std::optional<link_state> read_link(const nlmsghdr& said);
std::optional<address_state> read_address(const nlmsghdr& said);

class netlink {
 public:
  using reader = std::function<void(const nlmsghdr&)>;

  // What became of an order.
  struct answer {
    int error = 0;         // errno of the kernel, 0 = done
    std::string why = {};  // in words
  };

  enum class came { something, nothing, lost };

  // Speaks to the network namespace of the calling thread. room: bytes that may wait for us, if we are permitted as
  // many. Throws std::runtime_error when the system gives no socket.
  explicit netlink(int room = 1 << 20);
  ~netlink();
  netlink(const netlink&) = delete;
  netlink& operator=(const netlink&) = delete;

  // All in as few system calls as possible; an answer for each.
  std::vector<answer> order(std::span<const netlink_message> orders);
  answer order(const netlink_message& what);

  // Everything that is there. The error is a sentence.
  result<std::vector<link_state>, std::string> links();
  result<std::vector<address_state>, std::string> addresses();

  // By its name; the error is a sentence.
  result<link_state, std::string> find(const std::string& name);

  // Does the kernel take what is sent to this IPv6 address for its own?
  bool takes(const address& host);

  // From now on the kernel tells of changes in this group (RTNLGRP_...). Throws as the constructor.
  void join(int group);

  // Reads one datagram, without waiting, and calls `each` for every message in it. lost: the kernel had to throw away
  // some of what it wanted to say.
  came receive(const reader& each);

  int fd() const;

 private:
  struct closer {
    void operator()(nl_sock* s) const;
  };
  void carry_out(std::span<const netlink_message> orders, std::span<answer> answers);
  answer ask(const netlink_message& question, const reader& each);
  template <class T>
  result<std::vector<T>, std::string> list(int type, std::optional<T> (*read)(const nlmsghdr&));

  std::unique_ptr<nl_sock, closer> socket_;
  std::vector<std::uint8_t> buffer_;
  std::uint32_t sequence_ = 1;
};

}  // namespace holdfast
