#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "base/clock_io.h"
#include "tests/lab/kernel/two_nodes.h"
#include "tests/lab/socket_address_io.h"

namespace holdfast::lab {

namespace {

// A host with a cable and addresses, before anybody speaks to its kernel.
int plugged(host& machine, ethernet& net, const std::string& number) {
  net.plug(machine);
  machine.address("eth0", "10.0.0." + number + "/24");
  machine.address("eth0", "fd00::" + number + "/64");
  return inside(machine, [] { return static_cast<int>(if_nametoindex("eth0")); });
}

}  // namespace

node::node(std::string name, ethernet& net, int number)
    : machine(std::move(name)), kernel(inside(machine, [] { return holdfast::netlink(); })) {
  const std::string n = std::to_string(number);
  index = plugged(machine, net, n);
  own4 = at("10.0.0." + n);
  own6 = at("fd00::" + n);
  const bool ready = eventually([&] {
    const auto found = link_local_of(must(kernel.addresses()), index, {});
    if (found) link_local = *found;
    return found.has_value();
  });
  if (!ready) throw std::runtime_error("no link-local address on eth0 of " + machine.name());
}

std::optional<address_state> node::find(const address& which) {
  const auto all = must(kernel.addresses());
  const auto found = std::ranges::find(all, which, &address_state::host);
  if (found == all.end()) return std::nullopt;
  return *found;
}

void node::ip(const std::string& words) {
  std::istringstream in("ip " + words);
  std::vector<std::string> all;
  for (std::string word; in >> word;) all.push_back(word);
  if (machine.run(all).wait(5s) != 0) throw std::runtime_error("ip " + words + " failed on " + machine.name());
}

// A new cable may carry nothing for its first second.
two_nodes::two_nodes() {
  const auto reached = [this](const address& which) {
    const socket_address to(endpoint{.host = which, .port = 9, .path = {}});
    const descriptor s = b.machine.socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK);
    connect(s.get(), to.get(), to.length);
    pollfd answered{s.get(), POLLOUT, 0};
    return poll(&answered, 1, 100) == 1;  // "refused" is an answer
  };
  if (!eventually([&] { return reached(a.own4) && reached(a.own6); })) throw std::runtime_error("b doesn't reach a");
}

wiretap::wiretap(const host& where, const std::string& link) {
  inside(where, [&] {
    fd_.reset(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL)));
    sockaddr_ll on{};
    on.sll_family = AF_PACKET;
    on.sll_protocol = htons(ETH_P_ALL);
    on.sll_ifindex = static_cast<int>(if_nametoindex(link.c_str()));
    const int yes = 1;
    if (!fd_ || bind(fd_.get(), reinterpret_cast<const sockaddr*>(&on), sizeof on) != 0 ||
        setsockopt(fd_.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) != 0) {
      throw std::system_error(errno, std::generic_category(), "listen to the wire");
    }
  });
}

bytes wiretap::next(const std::function<bool(const bytes&)>& fits, duration limit) const {
  const instant until = monotonic_now() + limit;
  while (monotonic_now() < until) {
    pollfd p{fd_.get(), POLLIN, 0};
    poll(&p, 1, 10);
    bytes frame(2048);
    const ssize_t got = recv(fd_.get(), frame.data(), frame.size(), 0);
    frame.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    if (frame.size() > ETH_HLEN && fits(frame)) return frame;
  }
  return {};
}

mac_address destination_of(const bytes& frame) {
  mac_address out{};
  std::copy_n(frame.begin(), 6, out.begin());
  return out;
}

mac_address source_of(const bytes& frame) {
  mac_address out{};
  std::copy_n(frame.begin() + 6, 6, out.begin());
  return out;
}

std::uint16_t ether_type(const bytes& frame) { return static_cast<std::uint16_t>(frame[12] << 8 | frame[13]); }

bool is_vrrp(const bytes& frame) {
  if (frame.size() < 34) return false;
  return (ether_type(frame) == ETH_P_IP && frame[23] == 112) || (ether_type(frame) == ETH_P_IPV6 && frame[20] == 112);
}

bytes advert(std::uint8_t id, bool ipv6) {
  bytes out = {0x31, id, 100, 1, 0, 100, 0x12, 0x34};
  if (ipv6)
    out.insert(out.end(), {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80});
  else
    out.insert(out.end(), {10, 0, 0, 80});
  return out;
}

}  // namespace holdfast::lab
