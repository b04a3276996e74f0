#include "balancer/relay/half_io.h"

#include <linux/sock_diag.h>
#include <linux/socket.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "balancer/relay/send_room.h"

namespace holdfast {

namespace {

constexpr std::size_t surely_one_segment = 1200;

}  // namespace

void half::note(const readiness& r) {
  if (r.urgent && !urgent) {
    urgent = true;
    set_option(bytes.fd.get(), SOL_SOCKET, SO_OOBINLINE, 1);  // no byte is lost, though it is urgent no more
  }
  readable |= r.readable;
  writable |= r.writable;
  hung_up |= r.ended;
  broken |= r.failed;
}

void half::note_end(std::ptrdiff_t read) {
  readable = false;
  if (read == 0) ended |= !cut;
  if (read < 0 && errno != EAGAIN && errno != EINTR) broken = cut = true;
}

// A send that fails for another reason than a full buffer means that nobody reads there any more. What that side had
// sent before is still to be had.
void half::note_failed_send() {
  writable = false;
  if (errno == EAGAIN || errno == EINTR) return;
  cut |= errno != EPIPE;  // which the kernel says of a side that had ended in order before it reset
  broken = true;
  readable = true;
}

// Nagle's algorithm never delays a first small segment, so the option is set when more follows: short connections do
// without.
void half::before_send(std::size_t count) {
  if (nagling && (spoken_to || count > surely_one_segment)) {
    nagling = false;
    set_option(bytes.fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(bytes.fd.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_limit);
  }
  spoken_to = true;
}

std::size_t half::send(const char* from, std::size_t count, bool last) {
  if (!writable) return 0;
  before_send(count);
  const std::ptrdiff_t sent = bytes.write(from, count, last);
  if (sent < 0) {
    note_failed_send();
    return 0;
  }
  writable = static_cast<std::size_t>(sent) == count;
  return static_cast<std::size_t>(sent);
}

std::size_t half::room() const {
  int unsent = 0;
  if (ioctl(bytes.fd.get(), SIOCOUTQNSD, &unsent) == 0 && unsent > 0) {
    return room_in({.unsent = static_cast<std::size_t>(unsent), .most_unsent = unsent_limit});
  }
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t length = sizeof memory;
  if (!writable || getsockopt(bytes.fd.get(), SOL_SOCKET, SO_MEMINFO, memory.data(), &length) != 0) return 0;
  return room_in({.used = std::max(memory[SK_MEMINFO_WMEM_QUEUED], memory[SK_MEMINFO_WMEM_ALLOC]),
                  .limit = memory[SK_MEMINFO_SNDBUF]});
}

bool has_arrived(const half& from, const half& to) {
  if (to.broken || !(from.broken || from.passed_on)) return true;
  int under_way = 0;
  const bool said = !from.readable || from.allowance == 0;
  return said && !from.unsent() && (ioctl(to.bytes.fd.get(), SIOCOUTQ, &under_way) != 0 || under_way == 0);
}

}  // namespace holdfast
