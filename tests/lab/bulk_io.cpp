#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <vector>

#include "tests/lab/bulk.h"
#include "tests/lab/socket_address_io.h"

namespace holdfast::lab {
namespace {

// One period is a prime number of random bytes, so no shift by a buffer's or a pipe's size maps it to itself. It is
// kept twice in a row: any stretch of up to a period can be compared in one go.
constexpr std::size_t period = 1'048'583;

const std::vector<char>& pattern() {
  static const std::vector<char> bytes = [] {
    std::vector<char> out(2 * period);
    std::mt19937_64 random(42);
    for (std::size_t i = 0; i < period; ++i) out[i] = out[i + period] = static_cast<char>(random());
    return out;
  }();
  return bytes;
}

bool wait_for(int fd, short what, duration limit) {
  pollfd p{fd, what, 0};
  return ::poll(&p, 1, static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(limit).count())) > 0;
}

}  // namespace

std::string send_pattern(int fd, std::uint64_t count) {
  for (std::uint64_t sent = 0; sent < count;) {
    const std::size_t length = static_cast<std::size_t>(std::min<std::uint64_t>(count - sent, 262144));
    if (!wait_for(fd, POLLOUT, 10s)) return "stalled after " + std::to_string(sent) + " bytes sent";
    const ssize_t n = ::send(fd, pattern().data() + sent % period, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN) return std::strerror(errno);
    if (n > 0) sent += static_cast<std::uint64_t>(n);
  }
  return {};
}

taken receive_pattern(int fd) {
  taken result;
  std::vector<char> buffer(262144);
  for (;;) {
    if (!wait_for(fd, POLLIN, 10s)) {
      result.trouble = "stalled after " + std::to_string(result.count) + " bytes received";
      return result;
    }
    const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) continue;
    if (n < 0) result.trouble = std::strerror(errno);
    if (n <= 0) return result;
    const char* expected = pattern().data() + result.count % period;
    if (!result.wrong_at && std::memcmp(buffer.data(), expected, static_cast<std::size_t>(n)) != 0) {
      const auto at = std::mismatch(buffer.data(), buffer.data() + n, expected).first - buffer.data();
      result.wrong_at = result.count + static_cast<std::uint64_t>(at);
    }
    result.count += static_cast<std::uint64_t>(n);
  }
}

listener::listener(const host& where, const endpoint& at) {
  const socket_address local(at);
  fd_ = where.socket(local.family(), SOCK_STREAM);
  const int on = 1;
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd_.get(), local.get(), local.length) < 0 || ::listen(fd_.get(), 4096) < 0)
    throw std::runtime_error("listen on " + at.text() + " in " + where.name() + ": " + std::strerror(errno));
}

descriptor listener::accept(duration limit) {
  if (!wait_for(fd_.get(), POLLIN, limit)) throw std::runtime_error("nobody connected");
  return descriptor(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

}  // namespace holdfast::lab
