// A service manager's end of NOTIFY_SOCKET.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/descriptor_io.h"
#include "base/ensure.h"

namespace holdfast {

// Bound while it lives. A name with '@' in front is abstract, else it is a path.
class notify_socket {
 public:
  explicit notify_socket(std::string name = "@holdfast-notify-test-" + std::to_string(getpid()))
      : name_(std::move(name)), fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    ensure(name_.size() < sizeof where.sun_path);
    name_.copy(where.sun_path, name_.size());
    if (name_.front() == '@') where.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    ensure(bind(fd_.get(), reinterpret_cast<const sockaddr*>(&where), size) == 0);
  }
  ~notify_socket() {
    if (name_.front() == '/') std::filesystem::remove(name_);
  }
  notify_socket(const notify_socket&) = delete;
  notify_socket& operator=(const notify_socket&) = delete;

  const std::string& name() const { return name_; }

  // What has been said since the last call, in its datagrams.
  std::vector<std::string> heard() const {
    std::vector<std::string> all;
    std::array<char, 4096> text{};
    for (ssize_t size = 0; (size = recv(fd_.get(), text.data(), text.size(), 0)) > 0;) {
      all.emplace_back(text.data(), static_cast<std::size_t>(size));
    }
    return all;
  }

 private:
  std::string name_;
  descriptor fd_;
};

}  // namespace holdfast
