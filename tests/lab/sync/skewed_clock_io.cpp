// Preloaded into a program: its wall clock is ahead by so many milliseconds as the file says that SKEWED_CLOCK in the
// environment names (eight bytes, of this machine's order), at any moment. Its monotonic clock is the machine's.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace {

const volatile std::int64_t* ahead_ms() {
  static const auto* const mapped = []() -> const volatile std::int64_t* {
    const char* path = std::getenv("SKEWED_CLOCK");
    const int fd = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return nullptr;
    void* at = mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    return at == MAP_FAILED ? nullptr : static_cast<const volatile std::int64_t*>(at);
  }
  ();
  return mapped;
}

}  // namespace

extern "C" int clock_gettime(clockid_t which, struct timespec* now) noexcept {
  const long done = syscall(SYS_clock_gettime, which, now);
  const bool wall = which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE;
  if (done != 0 || !wall || ahead_ms() == nullptr) return static_cast<int>(done);
  const std::int64_t ahead = *ahead_ms();
  now->tv_sec += ahead / 1000;
  now->tv_nsec += ahead % 1000 * 1'000'000;
  if (now->tv_nsec >= 1'000'000'000) ++now->tv_sec, now->tv_nsec -= 1'000'000'000;
  if (now->tv_nsec < 0) --now->tv_sec, now->tv_nsec += 1'000'000'000;
  return 0;
}
