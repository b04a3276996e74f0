#include "cli/procedures/prober_io.h"

#include <netdb.h>
#include <poll.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "base/clock_io.h"
#include "base/descriptor_io.h"

namespace holdfast {

namespace {

struct attempt_under_way {
  descriptor socket;
  instant begun;
};

enum class progress : std::uint8_t { waits, stands, failed };

bool begin(const descriptor& socket, const sockaddr_storage& to, socklen_t length) {
  if (!socket) return false;
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), length) == 0 || errno == EINPROGRESS;
}

progress ask(const descriptor& socket) {
  pollfd p{.fd = socket.get(), .events = POLLOUT, .revents = 0};
  if (::poll(&p, 1, 0) == 0) return progress::waits;
  int failed = 0;
  socklen_t length = sizeof failed;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &failed, &length);
  return failed == 0 ? progress::stands : progress::failed;
}

}  // namespace

prober::prober(const std::optional<place>& where) {
  if (!where) return;
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (::getaddrinfo(where->host.c_str(), where->port.c_str(), &wanted, &list) != 0) return;
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, ::freeaddrinfo);
  length_ = list->ai_addrlen;
  std::memcpy(&to_, list->ai_addr, length_);
  thread_ = std::thread([this] { run(); });
}

prober::~prober() { stop(); }

probe_report prober::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  return report_;
}

void prober::run() {
  std::vector<attempt_under_way> tries;  // given_up / every of them at most
  instant last = monotonic_now();        // success
  const auto note_gap = [&](instant now) { report_.longest_gap = std::max(report_.longest_gap, now - last); };
  const auto has_ended = [&](const attempt_under_way& one) {
    const instant now = monotonic_now();
    const progress p = ask(one.socket);
    if (p == progress::waits && now - one.begun < given_up) return false;
    if (p != progress::stands) {
      ++report_.failed;
      return true;
    }
    note_gap(now);
    last = now;
    reached_ = true;
    return true;
  };
  for (instant next = last; !stopping_; next += every) {
    ++report_.tries;
    descriptor socket(::socket(to_.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (begin(socket, to_, length_)) {
      tries.push_back({std::move(socket), monotonic_now()});
    } else {
      ++report_.failed;
    }
    std::this_thread::sleep_until(next + every);
    std::erase_if(tries, has_ended);
  }
  note_gap(monotonic_now());
}

}  // namespace holdfast
