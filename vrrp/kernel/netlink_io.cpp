#include "vrrp/kernel/netlink_io.h"

#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace holdfast {

namespace {

constexpr std::size_t batch = 64;           // orders in a datagram: their answers must fit into any receive buffer
constexpr std::size_t datagram = 64 << 10;  // the kernel makes none longer than 32 KiB
constexpr std::size_t message_most = 512;   // of ours
constexpr int tries = 5;                    // when a list changed while we were reading it
constexpr std::uint32_t for_ever = 0xffffffff;

void check(int code, const std::string& what) {
  if (code < 0) throw std::runtime_error("netlink: " + what + ": " + nl_geterror(code));
}

// The kernel's own sentence, where it has one, is better than strerror's.
netlink::answer read_answer(const nlmsghdr& said) {
  auto* message = const_cast<nlmsghdr*>(&said);  // libnl reads only, and asks for more than that
  const auto* verdict = static_cast<const nlmsgerr*>(nlmsg_data(message));
  if (verdict->error == 0) return {};
  std::string why = std::strerror(-verdict->error);
  if ((said.nlmsg_flags & NLM_F_ACK_TLVS) != 0) {
    const nlattr* words = nlmsg_find_attr(message, sizeof(nlmsgerr), NLMSGERR_ATTR_MSG);
    if (words != nullptr) why += std::string(" (") + nla_get_string(words) + ')';
  }
  return {-verdict->error, why};
}

// The attributes of a message, by type; nullptr where there is none.
template <int Most>
struct attributes {
  std::array<nlattr*, Most + 1> at{};
  bool valid = false;

  attributes(const nlmsghdr& said, std::size_t fixed) {
    valid = nlmsg_parse(const_cast<nlmsghdr*>(&said), static_cast<int>(fixed), at.data(), Most, nullptr) == 0;
  }
  nlattr* operator[](int type) const { return at[static_cast<std::size_t>(type)]; }
};

address read_host(const nlattr* from) {
  const auto* bytes = static_cast<const std::uint8_t*>(nla_data(from));
  address::bytes_type out{};
  if (nla_len(from) == 4) {
    out[10] = out[11] = 0xff;
    std::copy_n(bytes, 4, out.begin() + 12);
  } else if (nla_len(from) == 16) {
    std::copy_n(bytes, 16, out.begin());
  }
  return address(out);
}

std::string kind_of(nlattr* info) {
  std::array<nlattr*, IFLA_INFO_MAX + 1> parts{};
  if (info == nullptr || nla_parse_nested(parts.data(), IFLA_INFO_MAX, info, nullptr) != 0) return {};
  return parts[IFLA_INFO_KIND] == nullptr ? "" : nla_get_string(parts[IFLA_INFO_KIND]);
}

}  // namespace

void message_release::operator()(nl_msg* m) const { nlmsg_free(m); }

netlink_message new_message(int type, int flags, const void* fixed, std::size_t size) {
  netlink_message out(nlmsg_alloc_size(message_most));
  if (!out) throw std::bad_alloc();
  nlmsg_put(out.get(), 0, 0, type, 0, flags);
  nlmsg_append(out.get(), const_cast<void*>(fixed), size, NLMSG_ALIGNTO);
  return out;
}

std::optional<link_state> read_link(const nlmsghdr& said) {
  if (said.nlmsg_type != RTM_NEWLINK && said.nlmsg_type != RTM_DELLINK) return std::nullopt;
  const auto* fixed = static_cast<const ifinfomsg*>(nlmsg_data(&said));
  const attributes<IFLA_MAX> found(said, sizeof(ifinfomsg));
  // A bridge, too, speaks of its ports coming and going in such messages, with a family of its own.
  if (!found.valid || fixed->ifi_family != AF_UNSPEC) return std::nullopt;
  link_state out{.index = fixed->ifi_index};
  if (found[IFLA_IFNAME] != nullptr) out.name = nla_get_string(found[IFLA_IFNAME]);
  if (found[IFLA_ADDRESS] != nullptr && nla_len(found[IFLA_ADDRESS]) == 6) {
    std::copy_n(static_cast<const std::uint8_t*>(nla_data(found[IFLA_ADDRESS])), 6, out.mac.begin());
  }
  out.up = (fixed->ifi_flags & IFF_UP) != 0;
  out.carrier = (fixed->ifi_flags & IFF_RUNNING) != 0 && (fixed->ifi_flags & IFF_LOWER_UP) != 0;
  if (found[IFLA_MTU] != nullptr) out.mtu = nla_get_u32(found[IFLA_MTU]);
  if (found[IFLA_LINK] != nullptr) out.parent = static_cast<int>(nla_get_u32(found[IFLA_LINK]));
  out.kind = kind_of(found[IFLA_LINKINFO]);
  return out;
}

std::optional<address_state> read_address(const nlmsghdr& said) {
  if (said.nlmsg_type != RTM_NEWADDR && said.nlmsg_type != RTM_DELADDR) return std::nullopt;
  const auto* fixed = static_cast<const ifaddrmsg*>(nlmsg_data(&said));
  const attributes<IFA_MAX> found(said, sizeof(ifaddrmsg));
  if (!found.valid) return std::nullopt;
  const nlattr* host = found[IFA_LOCAL] != nullptr ? found[IFA_LOCAL] : found[IFA_ADDRESS];
  if (host == nullptr) return std::nullopt;
  const std::uint32_t flags = found[IFA_FLAGS] != nullptr ? nla_get_u32(found[IFA_FLAGS]) : fixed->ifa_flags;
  address_state out{.index = static_cast<int>(fixed->ifa_index), .host = read_host(host)};
  out.length = fixed->ifa_prefixlen;
  out.global = fixed->ifa_scope == RT_SCOPE_UNIVERSE;
  out.tentative = (flags & IFA_F_TENTATIVE) != 0 && (flags & IFA_F_OPTIMISTIC) == 0;
  out.dad_failed = (flags & IFA_F_DADFAILED) != 0;
  if (found[IFA_PROTO] != nullptr) out.origin = nla_get_u8(found[IFA_PROTO]);
  if (found[IFA_CACHEINFO] != nullptr) {
    const auto* life = static_cast<const ifa_cacheinfo*>(nla_data(found[IFA_CACHEINFO]));
    if (life->ifa_valid != for_ever) out.left = life->ifa_valid;
  }
  return out;
}

void netlink::closer::operator()(nl_sock* s) const { nl_socket_free(s); }

netlink::netlink(int room) : socket_(nl_socket_alloc()), buffer_(datagram) {
  if (!socket_) throw std::bad_alloc();
  check(nl_connect(socket_.get(), NETLINK_ROUTE), "no socket");
  check(nl_socket_set_nonblocking(socket_.get()), "no socket");
  if (setsockopt(fd(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0) {
    nl_socket_set_buffer_size(socket_.get(), room, 0);  // the system caps it
  }
  const int on = 1;  // both only make answers shorter and clearer: Linux before 4.12 doesn't know them
  setsockopt(fd(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  setsockopt(fd(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
}

netlink::~netlink() = default;

int netlink::fd() const { return nl_socket_get_fd(socket_.get()); }

void netlink::join(int group) { check(nl_socket_add_membership(socket_.get(), group), "can't watch"); }

netlink::came netlink::receive(const reader& each) {
  ssize_t got = 0;
  do {
    got = recv(fd(), buffer_.data(), buffer_.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return errno == ENOBUFS ? came::lost : came::nothing;
  int left = static_cast<int>(got);
  for (auto* at = reinterpret_cast<nlmsghdr*>(buffer_.data()); nlmsg_ok(at, left) != 0; at = nlmsg_next(at, &left)) {
    each(*at);
  }
  return came::something;
}

std::vector<netlink::answer> netlink::order(std::span<const netlink_message> orders) {
  std::vector<answer> out(orders.size(), answer{EIO, "the kernel gave no answer"});
  for (std::size_t first = 0; first < orders.size(); first += batch) {
    const std::size_t count = std::min(batch, orders.size() - first);
    carry_out(orders.subspan(first, count), std::span(out).subspan(first, count));
  }
  return out;
}

netlink::answer netlink::order(const netlink_message& what) { return order(std::span(&what, 1)).front(); }

// The kernel works through all of a datagram before sendmsg returns, and its answers are waiting for us then.
void netlink::carry_out(std::span<const netlink_message> orders, std::span<answer> answers) {
  const std::uint32_t first = sequence_;
  std::array<iovec, batch> parts{};
  for (std::size_t i = 0; i < orders.size(); ++i) {
    nlmsghdr* head = nlmsg_hdr(orders[i].get());
    head->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
    head->nlmsg_seq = sequence_++;
    parts[i] = {head, head->nlmsg_len};
  }
  msghdr whole{};
  whole.msg_iov = parts.data();
  whole.msg_iovlen = orders.size();
  if (sendmsg(fd(), &whole, 0) < 0) {
    std::ranges::fill(answers, answer{errno, std::strerror(errno)});
    return;
  }
  std::size_t open = orders.size();
  const reader note = [&](const nlmsghdr& said) {
    if (said.nlmsg_type != NLMSG_ERROR || said.nlmsg_seq - first >= orders.size()) return;
    answers[said.nlmsg_seq - first] = read_answer(said);
    --open;
  };
  while (open > 0 && receive(note) != came::nothing) continue;
}

netlink::answer netlink::ask(const netlink_message& question, const reader& each) {
  nlmsghdr* head = nlmsg_hdr(question.get());
  head->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
  head->nlmsg_seq = sequence_++;
  if (send(fd(), head, head->nlmsg_len, 0) < 0) return {errno, std::strerror(errno)};
  answer out{EIO, "the kernel gave no answer"};
  bool over = false, interrupted = false;
  const reader note = [&](const nlmsghdr& said) {
    if (over || said.nlmsg_seq != head->nlmsg_seq) return;
    if ((said.nlmsg_flags & NLM_F_DUMP_INTR) != 0) interrupted = true;
    if (said.nlmsg_type == NLMSG_ERROR || said.nlmsg_type == NLMSG_DONE) {
      over = true;
      out = said.nlmsg_type == NLMSG_ERROR ? read_answer(said) : answer{};
    } else {
      each(said);
    }
  };
  while (!over && receive(note) != came::nothing) continue;
  if (interrupted) return {EINTR, "it changed while we were reading it"};
  return out;
}

template <class T>
result<std::vector<T>, std::string> netlink::list(int type, std::optional<T> (*read)(const nlmsghdr&)) {
  std::vector<T> out;
  answer end;
  for (int i = 0; i < tries; ++i) {
    out.clear();
    const ifinfomsg anything{};
    end = ask(new_message(type, NLM_F_DUMP, &anything, sizeof anything), [&](const nlmsghdr& said) {
      if (auto one = read(said)) out.push_back(std::move(*one));
    });
    if (end.error != EINTR) break;
  }
  if (end.error != 0) return failure{"the kernel doesn't tell what it has: " + end.why};
  return out;
}

result<std::vector<link_state>, std::string> netlink::links() { return list(RTM_GETLINK, read_link); }
result<std::vector<address_state>, std::string> netlink::addresses() { return list(RTM_GETADDR, read_address); }

bool netlink::takes(const address& host) {
  rtmsg fixed{};
  fixed.rtm_family = AF_INET6;
  fixed.rtm_dst_len = 128;
  const auto question = new_message(RTM_GETROUTE, 0, &fixed, sizeof fixed);
  nla_put(question.get(), RTA_DST, 16, host.bytes().data());
  bool ours = false;
  ask(question, [&](const nlmsghdr& said) {
    ours |= said.nlmsg_type == RTM_NEWROUTE && static_cast<const rtmsg*>(nlmsg_data(&said))->rtm_type == RTN_LOCAL;
  });
  return ours;
}

result<link_state, std::string> netlink::find(const std::string& name) {
  if (name.empty() || name.size() >= IFNAMSIZ) return failure{'"' + name + "\" can't be the name of an interface"};
  const ifinfomsg anything{};
  const auto question = new_message(RTM_GETLINK, 0, &anything, sizeof anything);
  nla_put_string(question.get(), IFLA_IFNAME, name.c_str());
  std::optional<link_state> found;
  const answer end = ask(question, [&](const nlmsghdr& said) { found = read_link(said); });
  if (found) return *found;
  if (end.error == ENODEV) return failure{"there is no interface " + name};
  return failure{"interface " + name + ": " + end.why};
}

}  // namespace holdfast
