#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <random>
#include <stdexcept>

#include "base/clock_io.h"
#include "tests/lab/vrrp/storm.h"

namespace holdfast::lab {
namespace {

void sign(packet& p) {
  p[6] = p[7] = 0;
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i + 1 < p.size(); i += 2) sum += static_cast<std::uint32_t>(p[i] << 8 | p[i + 1]);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  p[6] = static_cast<std::uint8_t>(~sum >> 8);
  p[7] = static_cast<std::uint8_t>(~sum);
}

// Ways to spoil an advert; the checksum is right afterwards unless it is what is wrong.
void spoil(packet& p, unsigned way, std::mt19937& random) {
  switch (way) {
    case 0: p.resize(random() % 8); return;                     // not even a header
    case 1: p.resize(8 + random() % 4); break;                  // the address it counts is not there
    case 2: p[0] = 0x32; break;                                 // type 2
    case 3: p[0] = 0x41; break;                                 // version 4
    case 4: p[3] = 0; break;                                    // no address
    case 5: p[3] = 255; break;                                  // more addresses than there are
    case 6: p[4] = p[5] = 0; break;                             // interval 0
    case 7: p[1] = static_cast<std::uint8_t>(p[1] + 1); break;  // of another virtual router
    case 8: sign(p), p[7] = static_cast<std::uint8_t>(p[7] ^ 1); return;
    default:
      for (std::uint8_t& byte : p) byte = static_cast<std::uint8_t>(random());
      p[0] = 0x3f;
      return;
  }
  sign(p);
}

}  // namespace

packet forged_advert(int vrid, int priority, duration interval) {
  const auto hundredths = static_cast<unsigned>(interval / 10ms);
  packet p{0x31,
           static_cast<std::uint8_t>(vrid),
           static_cast<std::uint8_t>(priority),
           1,
           static_cast<std::uint8_t>(hundredths >> 8),
           static_cast<std::uint8_t>(hundredths),
           0,
           0,
           192,
           0,
           2,
           80};
  sign(p);
  return p;
}

std::vector<packet> malformed(int vrid, int count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<packet> all;
  for (int i = 0; i < count; ++i) {
    all.push_back(forged_advert(vrid, 200, 50ms));
    spoil(all.back(), static_cast<unsigned>(i) % 10, random);
  }
  return all;
}

storm::storm(const host& from, std::vector<packet> packets, int per_second) : fd_(from.socket(AF_INET, SOCK_RAW, 112)) {
  const int ttl = 255;
  sockaddr_in group{};
  group.sin_family = AF_INET;
  group.sin_addr.s_addr = ::inet_addr("224.0.0.18");
  ::setsockopt(fd_.get(), IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl);
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_BINDTODEVICE, "eth0", 4);
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&group), sizeof group) < 0)
    throw std::runtime_error(std::string("storm: ") + std::strerror(errno));
  thread_ = std::thread([this, all = std::move(packets), per_second] { run(all, per_second); });
}

storm::~storm() {
  stopping_ = true;
  thread_.join();
}

void storm::run(const std::vector<packet>& packets, int per_second) {
  const instant began = monotonic_now();
  for (std::size_t next = 0; !stopping_;) {
    const double seconds = std::chrono::duration<double>(monotonic_now() - began).count();
    for (const int due = static_cast<int>(seconds * per_second); sent_ < due && !stopping_; ++sent_) {
      const packet& p = packets[next++ % packets.size()];
      ::send(fd_.get(), p.data(), p.size(), MSG_DONTWAIT);
    }
    std::this_thread::sleep_for(1ms);
  }
}

}  // namespace holdfast::lab
