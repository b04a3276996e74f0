#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <fstream>
#include <stdexcept>

#include "base/clock_io.h"
#include "tests/lab/vrrp/judge.h"

namespace holdfast::lab {
namespace {

// Frames that come in (not those that the switch passes on): VRRP in either family, ARP, and neighbour advertisements.
void listen_to_claims_only(int fd) {
  std::array code{
      sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE)},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 11, 0, PACKET_OUTGOING},
      sock_filter{BPF_LD | BPF_H | BPF_ABS, 0, 0, 12},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 8, 0, ETH_P_ARP},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 2, ETH_P_IP},
      sock_filter{BPF_LD | BPF_B | BPF_ABS, 0, 0, 14 + 9},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 5, 6, 112},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 5, ETH_P_IPV6},
      sock_filter{BPF_LD | BPF_B | BPF_ABS, 0, 0, 14 + 6},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 112},
      sock_filter{BPF_LD | BPF_B | BPF_ABS, 0, 0, 14 + 40},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 136},
      sock_filter{BPF_RET | BPF_K, 0, 0, 2048},
      sock_filter{BPF_RET | BPF_K, 0, 0, 0},
  };
  const sock_fprog program{code.size(), code.data()};
  if (::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0)
    throw std::runtime_error(std::string("judge: filter: ") + std::strerror(errno));
}

address six_at(const std::uint8_t* bytes) {
  address::bytes_type out;
  std::copy_n(bytes, 16, out.begin());
  return address(out);
}

address four_at(const std::uint8_t* b) {
  return address::v4(static_cast<std::uint32_t>(b[0]) << 24 | static_cast<std::uint32_t>(b[1]) << 16 |
                     static_cast<std::uint32_t>(b[2]) << 8 | b[3]);
}

std::optional<advert_heard> read_advert(const std::vector<std::uint8_t>& frame) {
  if (frame.size() < 14 + 20 + 8) return std::nullopt;
  const int type = frame[12] << 8 | frame[13];
  if (type != ETH_P_IP && type != ETH_P_IPV6) return std::nullopt;
  advert_heard heard;
  const std::uint8_t* packet = frame.data() + 14;
  heard.six = type == ETH_P_IPV6;
  const std::size_t header = heard.six ? 40 : (packet[0] & 15U) * 4U;
  if ((heard.six ? packet[6] : packet[9]) != 112 || frame.size() < 14 + header + 8) return std::nullopt;
  heard.source = heard.six ? six_at(packet + 8) : four_at(packet + 12);
  const std::uint8_t* advert = packet + header;
  heard.version = advert[0] >> 4;
  heard.vrid = advert[1];
  heard.priority = advert[2];
  heard.interval = heard.version == 2 ? duration(std::chrono::seconds(advert[5]))
                                      : duration(10ms) * ((advert[4] & 15) << 8 | advert[5]);
  return heard;
}

// Whose address the frame claims: ARP with the sender as its own target, or any neighbour advertisement.
std::optional<address> read_claim(const std::vector<std::uint8_t>& frame) {
  if (frame.size() < 42) return std::nullopt;
  if (frame[12] == 0x08 && frame[13] == 0x06) {
    const address sender = four_at(frame.data() + 28), target = four_at(frame.data() + 38);
    return sender == target ? std::optional(sender) : std::nullopt;
  }
  const bool six = frame[12] == 0x86 && frame.size() >= 14 + 40 + 24 && frame[14 + 6] == 58;
  return six ? std::optional(six_at(frame.data() + 14 + 40 + 8)) : std::nullopt;
}

template <class T>
void put(std::ofstream& to, T value) {
  to.write(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

judge::judge(const ethernet& net, int vrid) : vrid_(vrid) {
  fd_ = net.inside().socket(AF_PACKET, SOCK_RAW);  // hears nothing before it is bound: the filter comes first
  listen_to_claims_only(fd_.get());
  const int room = 16 << 20, on = 1;
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  sockaddr_ll all{};
  all.sll_family = AF_PACKET;
  all.sll_protocol = htons(ETH_P_ALL);
  if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&all), sizeof all) < 0)
    throw std::runtime_error(std::string("judge: bind: ") + std::strerror(errno));
  thread_ = std::thread([this] { run(); });
}

judge::~judge() {
  stopping_ = true;
  thread_.join();
}

void judge::run() {
  std::vector<std::uint8_t> buffer(2048);
  alignas(cmsghdr) std::array<char, 256> control{};
  while (!stopping_) {
    pollfd p{fd_.get(), POLLIN, 0};
    if (::poll(&p, 1, 20) <= 0) continue;
    sockaddr_ll from{};
    iovec part{buffer.data(), buffer.size()};
    msghdr m{&from, sizeof from, &part, 1, control.data(), control.size(), 0};
    const ssize_t n = ::recvmsg(fd_.get(), &m, MSG_DONTWAIT);
    if (n <= 0) continue;
    timespec stamp{};
    for (cmsghdr* c = CMSG_FIRSTHDR(&m); c != nullptr; c = CMSG_NXTHDR(&m, c))
      if (c->cmsg_type == SCM_TIMESTAMPNS) std::memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
    const wall_time wall{std::chrono::duration_cast<wall_time::duration>(std::chrono::seconds(stamp.tv_sec) +
                                                                         std::chrono::nanoseconds(stamp.tv_nsec))};
    const instant when = monotonic_now() - (wall_now() - wall);
    const std::lock_guard guard(lock_);
    frames_.push_back({when, wall, from.sll_ifindex, {buffer.begin(), buffer.begin() + n}});
  }
}

std::string judge::port_of(int link) const {
  ifreq who{};
  who.ifr_ifindex = link;
  return ::ioctl(fd_.get(), SIOCGIFNAME, &who) < 0 ? "?" : who.ifr_name;
}

adverts_heard judge::adverts() const {
  adverts_heard all;
  const std::lock_guard guard(lock_);
  std::map<int, std::string> ports;
  for (const frame& f : frames_) {
    std::optional<advert_heard> heard = read_advert(f.bytes);
    if (!heard || heard->vrid != vrid_) continue;
    heard->when = f.when;
    std::string& port = ports[f.link];
    if (port.empty()) port = port_of(f.link);
    if (port == "bridge") continue;  // the switch hears what it passes on, too
    heard->port = port;
    all.push_back(*std::move(heard));
  }
  return all;
}

std::vector<claim_heard> judge::claims() const {
  std::vector<claim_heard> all;
  const std::lock_guard guard(lock_);
  for (const frame& f : frames_)
    if (const auto whose = read_claim(f.bytes); whose && port_of(f.link) != "bridge")
      all.push_back({f.when, port_of(f.link), *whose});
  return all;
}

int judge::lost() const {
  tpacket_stats since{};
  socklen_t length = sizeof since;
  const std::lock_guard guard(lock_);
  if (::getsockopt(fd_.get(), SOL_PACKET, PACKET_STATISTICS, &since, &length) == 0)
    lost_ += static_cast<int>(since.tp_drops);  // the kernel begins anew with each question
  return lost_;
}

void judge::write(const std::filesystem::path& file) const {
  std::ofstream to(file, std::ios::binary);
  put<std::uint32_t>(to, 0xa1b23c4d);  // with nanoseconds, in this machine's byte order
  put<std::uint32_t>(to, 4U << 16 | 2U);
  for (const std::uint32_t field : {0U, 0U, 2048U, 1U}) put(to, field);
  const std::lock_guard guard(lock_);
  for (const frame& f : frames_) {
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(f.wall.time_since_epoch()).count();
    put(to, static_cast<std::uint32_t>(ns / 1'000'000'000));
    put(to, static_cast<std::uint32_t>(ns % 1'000'000'000));
    for (int twice = 0; twice < 2; ++twice) put(to, static_cast<std::uint32_t>(f.bytes.size()));
    to.write(reinterpret_cast<const char*>(f.bytes.data()), static_cast<std::streamsize>(f.bytes.size()));
  }
}

}  // namespace holdfast::lab
