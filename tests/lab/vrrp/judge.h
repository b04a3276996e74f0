// What was said on a switch, heard at its ports: VRRP adverts, and who claims an address by ARP or neighbour
// advertisement. The port names the host that really sent, whatever the packet says. No program on trial is believed.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/address.h"
#include "base/machine.h"
#include "tests/lab/lab.h"

namespace holdfast::lab {

// An advert, decoded just far enough; whether it is well formed is for tshark (see decoder.h).
struct advert_heard {
  instant when;
  std::string port;
  address source;
  bool six = false;
  int version = 0, vrid = 0, priority = 0;
  duration interval{};  // as it says
};

struct claim_heard {
  instant when;
  std::string port;
  address whose;
};

using adverts_heard = std::vector<advert_heard>;

// Of these only: a family, or a time.
adverts_heard of_family(const adverts_heard& all, bool six);
adverts_heard between(const adverts_heard& all, instant from, instant to);

// Who sent adverts of a priority other than 0.
std::set<std::string> actives(const adverts_heard& all);
// The last moment at which an advert of one active was followed within `window` by an advert of another.
std::optional<instant> last_split(const adverts_heard& all, duration window);
// The longest time without an advert of an active, the borders included.
duration longest_silence(const adverts_heard& all, instant from, instant to);
std::optional<advert_heard> first_of(const adverts_heard& all, const std::string& port, instant after);
bool said_farewell(const adverts_heard& all, const std::string& port);  // priority 0
std::string text_of(const adverts_heard& all, instant zero, std::size_t most = 40);

// Listens from its construction on. Kernel time stamps: a late thread falsifies nothing.
class judge {
 public:
  explicit judge(const ethernet& net, int vrid = 51);
  ~judge();
  judge(const judge&) = delete;
  judge& operator=(const judge&) = delete;

  adverts_heard adverts() const;  // of the VRID, by time
  std::vector<claim_heard> claims() const;
  int lost() const;  // frames that the kernel could not keep for us: with some, no verdict
  // Everything heard so far, for other decoders: a pcap file.
  void write(const std::filesystem::path& file) const;

 private:
  struct frame {
    instant when;
    wall_time wall;
    int link;
    std::vector<std::uint8_t> bytes;
  };
  void run();
  std::string port_of(int link) const;
  descriptor fd_;
  int vrid_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex lock_;
  mutable int lost_ = 0;
  std::vector<frame> frames_;
  std::thread thread_;
};

}  // namespace holdfast::lab
