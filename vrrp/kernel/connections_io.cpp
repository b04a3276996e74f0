#include "vrrp/kernel/connections_io.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netlink/msg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/clock_io.h"
#include "base/descriptor_io.h"

namespace holdfast {

namespace {

constexpr std::size_t answer_bytes = 32 << 10;  // the kernel makes none longer
// Whatever somebody at the other end believes in.
constexpr unsigned states = 1U << TCP_ESTABLISHED | 1U << TCP_SYN_SENT | 1U << TCP_SYN_RECV | 1U << TCP_FIN_WAIT1 |
                            1U << TCP_FIN_WAIT2 | 1U << TCP_CLOSE_WAIT | 1U << TCP_LAST_ACK | 1U << TCP_CLOSING;

struct request {
  nlmsghdr head{};
  inet_diag_req_v2 body{};
};

template <class T>
void append(std::vector<std::uint8_t>& to, const T& part) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&part);
  to.insert(to.end(), bytes, bytes + sizeof part);
}

// "The local address is this one", in the bytecode of sock_diag: a condition, and nothing more to fulfil behind it.
std::vector<std::uint8_t> local_address_is(const address& wanted) {
  const std::size_t bytes = wanted.is_v4() ? 4 : 16;
  inet_diag_bc_op operation{.code = INET_DIAG_BC_S_COND, .yes = 0, .no = 0};
  inet_diag_hostcond where{};
  const std::size_t length = sizeof operation + sizeof where + bytes;
  operation.yes = static_cast<std::uint8_t>(length);
  operation.no = static_cast<std::uint16_t>(length + sizeof operation);  // beyond the end: refused
  where.family = wanted.is_v4() ? AF_INET : AF_INET6;
  where.prefix_len = static_cast<std::uint8_t>(8 * bytes);
  where.port = -1;  // any
  std::vector<std::uint8_t> out;
  append(out,
         nlattr{.nla_len = static_cast<std::uint16_t>(sizeof(nlattr) + length), .nla_type = INET_DIAG_REQ_BYTECODE});
  append(out, operation);
  append(out, where);
  out.insert(out.end(), wanted.bytes().end() - static_cast<std::ptrdiff_t>(bytes), wanted.bytes().end());
  return out;
}

descriptor open_diag() { return descriptor(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)); }

std::string why() { return std::string("connections can't be ended: ") + std::strerror(errno); }

bool ask(int fd, int family, const address& at) {
  const auto condition = local_address_is(at);
  request r;
  r.head.nlmsg_len = static_cast<std::uint32_t>(sizeof r + condition.size());
  r.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  r.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  r.body.sdiag_family = static_cast<std::uint8_t>(family);
  r.body.sdiag_protocol = IPPROTO_TCP;
  r.body.idiag_states = states;
  std::vector<std::uint8_t> bytes;
  append(bytes, r);
  bytes.insert(bytes.end(), condition.begin(), condition.end());
  return send(fd, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
}

request destruction_of(const inet_diag_msg& one) {
  request r;
  r.head.nlmsg_len = sizeof r;
  r.head.nlmsg_type = SOCK_DESTROY;
  r.head.nlmsg_flags = NLM_F_REQUEST;
  r.body.sdiag_family = one.idiag_family;
  r.body.sdiag_protocol = IPPROTO_TCP;
  r.body.id = one.id;
  return r;
}

class ending {
 public:
  explicit ending(duration most) : until_(monotonic_now() + most) {}

  void run(int family, const address& at) {
    if (!finding_ || !destroying_) return fail();
    if (!ask(finding_.get(), family, at)) return fail();
    while (done_.all && done_.trouble.empty() && read_some()) {
    }
  }
  const ended_connections& done() const { return done_; }

 private:
  void fail() { done_.trouble = why(); }

  // False when the list has come to its end.
  bool read_some() {
    const ssize_t got = recv(finding_.get(), answer_.data(), answer_.size(), 0);
    if (got < 0) return fail(), false;
    std::vector<request> orders;
    bool more = true;
    int left = static_cast<int>(got);
    for (auto* said = reinterpret_cast<nlmsghdr*>(answer_.data()); nlmsg_ok(said, left);
         said = nlmsg_next(said, &left)) {
      if (said->nlmsg_type == SOCK_DIAG_BY_FAMILY) {
        orders.push_back(destruction_of(*static_cast<const inet_diag_msg*>(nlmsg_data(said))));
        continue;
      }
      more = false;
      if (said->nlmsg_type == NLMSG_ERROR) fail_as(*said);
    }
    destroy(orders);
    done_.all = !more || monotonic_now() < until_;
    return more;
  }

  void fail_as(const nlmsghdr& said) {
    errno = -static_cast<const nlmsgerr*>(nlmsg_data(&said))->error;
    if (errno != ENOENT) fail();  // it has ended meanwhile
  }

  // The kernel answers to what it could not do.
  void destroy(const std::vector<request>& orders) {
    if (orders.empty()) return;
    if (send(destroying_.get(), orders.data(), orders.size() * sizeof(request), 0) < 0) return fail();
    done_.count += orders.size();
    std::vector<std::uint8_t> answer(4096);
    while (recv(destroying_.get(), answer.data(), answer.size(), MSG_DONTWAIT) > 0) {
      --done_.count;
      fail_as(*reinterpret_cast<const nlmsghdr*>(answer.data()));
    }
  }

  instant until_;
  descriptor finding_ = open_diag(), destroying_ = open_diag();
  std::vector<std::uint8_t> answer_ = std::vector<std::uint8_t>(answer_bytes);
  ended_connections done_;
};

}  // namespace

ended_connections end_connections(std::span<const address> at, duration most) {
  ending all(most);
  for (const address& one : at) {
    if (one.is_v4()) all.run(AF_INET, one);
    all.run(AF_INET6, one);  // where IPv4 clients of a socket for both families are, too
  }
  return all.done();
}

}  // namespace holdfast
