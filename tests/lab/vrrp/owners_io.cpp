#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "base/clock_io.h"
#include "tests/lab/vrrp/owners.h"

namespace holdfast::lab {
namespace {

// RFC 826, for Ethernet and IPv4.
struct packet {
  std::uint16_t hardware = htons(ARPHRD_ETHER), protocol = htons(ETH_P_IP);
  std::uint8_t hardware_length = 6, protocol_length = 4;
  std::uint16_t operation = htons(ARPOP_REQUEST);
  hardware_address from{};
  std::array<std::uint8_t, 4> sender{};
  hardware_address to{};
  std::array<std::uint8_t, 4> target{};
};
static_assert(sizeof(packet) == 28);

std::array<std::uint8_t, 4> four_of(const address& a) {
  std::array<std::uint8_t, 4> out{};
  std::copy_n(a.bytes().begin() + 12, 4, out.begin());
  return out;
}

ifreq eth0(int fd, unsigned long question) {
  ifreq asked{};
  std::strcpy(asked.ifr_name, "eth0");
  if (::ioctl(fd, question, &asked) < 0) throw std::runtime_error(std::string("eth0: ") + std::strerror(errno));
  return asked;
}

}  // namespace

hardware_address hardware_of(const host& machine) {
  const ifreq said = eth0(machine.socket(AF_INET, SOCK_DGRAM).get(), SIOCGIFHWADDR);
  hardware_address out{};
  std::copy_n(said.ifr_hwaddr.sa_data, out.size(), reinterpret_cast<char*>(out.data()));
  return out;
}

owners::owners(const host& where, const address& mine, const address& asked, duration every)
    : fd_(where.socket(AF_PACKET, SOCK_DGRAM)), own_(hardware_of(where)) {
  thread_ = std::thread([this, mine, asked, every] { run(mine, asked, every); });
}

owners::~owners() { stop(); }

std::vector<owners::answer> owners::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  return answers_;
}

void owners::run(const address& mine, const address& asked, duration every) {
  sockaddr_ll all{};
  all.sll_family = AF_PACKET;
  all.sll_protocol = htons(ETH_P_ARP);
  all.sll_ifindex = eth0(fd_.get(), SIOCGIFINDEX).ifr_ifindex;
  ::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&all), sizeof all);
  all.sll_halen = 6;
  std::fill_n(all.sll_addr, 6, std::uint8_t{0xff});
  packet question;
  question.from = own_;
  question.sender = four_of(mine);
  question.target = four_of(asked);
  for (instant next = monotonic_now(); !stopping_;) {
    if (monotonic_now() >= next) {
      ::sendto(fd_.get(), &question, sizeof question, 0, reinterpret_cast<const sockaddr*>(&all), sizeof all);
      next += every;
    }
    pollfd one{fd_.get(), POLLIN, 0};
    if (::poll(&one, 1, 1) <= 0) continue;
    packet heard;
    if (::recv(fd_.get(), &heard, sizeof heard, MSG_DONTWAIT) != sizeof heard) continue;
    if (heard.operation != htons(ARPOP_REPLY) || heard.sender != question.target || heard.to != own_) continue;
    answers_.push_back({monotonic_now(), heard.from});
    ++answered_;
  }
}

}  // namespace holdfast::lab
