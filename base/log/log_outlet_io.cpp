#include "base/log/log_outlet_io.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>

#include <cerrno>
#include <cstring>

#include "base/descriptor_io.h"

namespace holdfast {

namespace {

constexpr int wait_ms = 100;
constexpr std::size_t most_for_a_file = 256 << 10;  // at once

line_writer::outcome later() {
  ::poll(nullptr, 0, wait_ms);
  return {.bytes = 0, .error = EAGAIN};
}

// Whole lines if there are some.
std::string_view piece_of(std::string_view lines, std::size_t most) {
  const std::string_view piece = lines.substr(0, most);
  const auto end = piece.rfind('\n');
  return end == piece.npos ? piece : piece.substr(0, end + 1);
}

bool is_file(int fd) {
  struct stat is{};
  return ::fstat(fd, &is) == 0 && S_ISREG(is.st_mode);
}

// Without asking for room: a file has it. A call for much costs little more than one for a page.
line_writer::outcome write_to_file(int fd, std::string_view lines) {
  const std::string_view piece = piece_of(lines, most_for_a_file);
  const ssize_t bytes = ::write(fd, piece.data(), piece.size());
  if (bytes >= 0) return {.bytes = static_cast<std::size_t>(bytes)};
  return {.bytes = 0, .error = errno == EINTR ? EAGAIN : errno};
}

// No more than a pipe takes whole when it has room at all. A reader who has gone may come back.
line_writer::outcome write_some(int fd, std::string_view lines) {
  if (is_file(fd)) return write_to_file(fd, lines);
  pollfd room{.fd = fd, .events = POLLOUT, .revents = 0};
  if (::poll(&room, 1, wait_ms) == 0) return {.bytes = 0, .error = EAGAIN};
  const std::string_view piece = piece_of(lines, PIPE_BUF);
  ssize_t bytes = ::send(fd, piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (bytes < 0 && errno == ENOTSOCK) bytes = ::write(fd, piece.data(), piece.size());
  if (bytes >= 0) return {.bytes = static_cast<std::size_t>(bytes)};
  const bool passing = errno == EAGAIN || errno == EINTR || errno == EPIPE;
  return passing ? later() : line_writer::outcome{.bytes = 0, .error = errno};
}

// A pipe or terminal opened once more has flags of its own; a file would have another place to write at, too.
descriptor opened_once_more(int fd) {
  struct stat is{};
  const bool can_block = ::fstat(fd, &is) == 0 && (S_ISFIFO(is.st_mode) || S_ISCHR(is.st_mode));
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  return descriptor(can_block ? ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1);
}

descriptor open_file(const std::string& path, unsigned mode) {
  return descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode));
}

}  // namespace

result<line_writer::outlet, std::string> outlet_to_file(const std::string& path, unsigned mode) {
  const auto file = std::make_shared<descriptor>(open_file(path, mode));
  if (!*file && errno != ENXIO) return "can't write " + path + ": " + std::strerror(errno);
  return line_writer::outlet([file, path, mode](std::string_view lines) -> line_writer::outcome {
    if (!*file) *file = open_file(path, mode);
    if (*file) return write_some(file->get(), lines);
    return errno == ENXIO ? later() : line_writer::outcome{.bytes = 0, .error = errno};
  });
}

line_writer::outlet outlet_to_standard_error() {
  const auto own = std::make_shared<descriptor>(opened_once_more(STDERR_FILENO));
  return [own](std::string_view lines) { return write_some(*own ? own->get() : STDERR_FILENO, lines); };
}

line_writer::outlet outlet_to_standard_output() {
  auto own = std::make_shared<descriptor>(opened_once_more(STDOUT_FILENO));
  if (!*own) own->reset(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  return [own](std::string_view lines) { return write_some(own->get(), lines); };
}

line_writer::outlet outlet_to_syslog(const char* program) {
  ::openlog(program, LOG_PID | LOG_NDELAY, LOG_DAEMON);
  return [](std::string_view lines) {
    std::string line(lines.substr(0, lines.find('\n')));
    const std::size_t taken = line.size() + 1;
    int level = LOG_INFO;
    if (line.size() >= 3 && line[0] == '<' && line[2] == '>') {
      level = line[1] - '0';
      line.erase(0, 3);
    }
    ::syslog(level, "%s", line.c_str());
    return line_writer::outcome{.bytes = taken};
  };
}

}  // namespace holdfast
