#include "balancer/table/table_file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/descriptor_io.h"

namespace holdfast {

namespace {

constexpr std::size_t buffered = 64 << 10;

// A file that isn't there until it is whole.
class file_in_the_making {
 public:
  explicit file_in_the_making(std::string path)
      : path_(std::move(path)),
        beside_(path_ + ".new"),
        fd_(open(beside_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)) {
    good_ = fd_ && fchmod(fd_.get(), 0600) == 0;  // somebody else may have made it
    note();
  }
  ~file_in_the_making() {
    if (fd_) unlink(beside_.c_str());
  }
  file_in_the_making(const file_in_the_making&) = delete;
  file_in_the_making& operator=(const file_in_the_making&) = delete;

  bool write(std::span<const std::uint8_t> bytes) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    if (buffer_.size() >= buffered) flush();
    return good_;
  }

  bool finish() {
    flush();
    good_ = good_ && fsync(fd_.get()) == 0 && rename(beside_.c_str(), path_.c_str()) == 0;
    note();
    if (good_) fd_.reset();
    return good_;
  }

  std::string trouble() const { return "can't write " + path_ + ": " + std::strerror(error_); }

 private:
  void flush() {
    for (std::span<const std::uint8_t> rest(buffer_); good_ && !rest.empty();) {
      const ssize_t done = ::write(fd_.get(), rest.data(), rest.size());
      good_ = done > 0 || errno == EINTR;
      note();
      if (done > 0) rest = rest.subspan(static_cast<std::size_t>(done));
    }
    buffer_.clear();
  }
  void note() {
    if (!good_ && error_ == 0) error_ = errno;
  }

  std::string path_, beside_;
  descriptor fd_;
  std::vector<std::uint8_t> buffer_;
  bool good_ = false;
  int error_ = 0;
};

class file_to_read {
 public:
  explicit file_to_read(int fd) : fd_(fd), buffer_(buffered) {}

  bool read(std::span<std::uint8_t> to) {
    while (!to.empty()) {
      if (rest_.empty() && !refill()) return false;
      const std::size_t count = std::min(to.size(), rest_.size());
      std::copy_n(rest_.begin(), count, to.begin());
      rest_ = rest_.subspan(count);
      to = to.subspan(count);
    }
    return true;
  }

 private:
  bool refill() {
    ssize_t got = 0;
    do {
      got = pread(fd_, buffer_.data(), buffer_.size(), at_);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return false;
    at_ += got;
    rest_ = std::span<const std::uint8_t>(buffer_).first(static_cast<std::size_t>(got));
    return true;
  }

  int fd_;
  off_t at_ = 0;
  std::vector<std::uint8_t> buffer_;
  std::span<const std::uint8_t> rest_;
};

// So that the new name outlives the machine, too.
void sync_directory(const std::string& directory) {
  const descriptor fd(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) fsync(fd.get());
}

}  // namespace

std::string table_file_path(const std::string& directory, const std::string& service) {
  return directory + '/' + service + ".clients";
}

result<std::uint64_t, std::string> save_table(const std::string& directory, const kept_table& what,
                                              const std::function<bool()>& go_on) {
  file_in_the_making file(table_file_path(directory, what.service));
  bool interrupted = false;
  what.clients->start_snapshot(table_file_cursor);
  const auto written = write_table_file(
      {.service = what.service, .capacity = what.clients->capacity(), .servers = what.servers},
      [&](std::span<sync_entry> out) -> std::size_t {
        interrupted = !go_on();
        return interrupted ? 0 : what.clients->snapshot(table_file_cursor, out);
      },
      [&](std::span<const std::uint8_t> bytes) { return file.write(bytes); });
  if (interrupted) return failure{"interrupted"};
  if (!written || !file.finish()) return failure{file.trouble()};
  sync_directory(directory);
  return *written;
}

// Read twice: nothing is believed before the checksum is right.
result<restored, std::string> restore_table(const std::string& directory, const std::string& service,
                                            const std::map<std::string, server_id>& ids, unix_ms now,
                                            client_table& into) {
  const std::string path = table_file_path(directory, service);
  const descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd && errno == ENOENT) return restored{};
  struct stat about{};
  if (!fd || fstat(fd.get(), &about) != 0) return failure{std::strerror(errno)};
  if (!S_ISREG(about.st_mode)) return failure{"expected a regular file"};
  const auto pass = [&](const entry_taker& take) {
    file_to_read file(fd.get());
    return read_table_file([&](std::span<std::uint8_t> to) { return file.read(to); }, service, take);
  };
  if (const auto good = pass([](const auto&, auto) {}); !good) return failure{describe(good.error())};
  restoring out(ids, now, into);
  if (const auto again = pass([&](const auto& head, auto some) { out.take(head, some); }); !again) {
    return failure{describe(again.error())};
  }
  return out.done();
}

}  // namespace holdfast
