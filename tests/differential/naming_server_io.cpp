#include "tests/differential/naming_server_io.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace holdfast::differential {

naming_server::naming_server(const lab::host& where, const std::vector<endpoint>& at, std::string name)
    : name_(std::move(name)) {
  for (const endpoint& e : at) listeners_.push_back(lab::listener(where, e).release());
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) < 0) throw std::system_error(errno, std::generic_category(), "pipe");
  stopped_.reset(ends[0]);
  stop_.reset(ends[1]);
  thread_ = std::thread([this] { serve(); });
}

naming_server::~naming_server() {
  stop_.reset();
  thread_.join();
}

bool naming_server::answer(int fd) {
  std::array<char, 256> line{};
  const ssize_t n = ::recv(fd, line.data(), line.size(), 0);
  if (n <= 0) return false;
  const std::string said = name_ + '\n';
  ::send(fd, said.data(), said.size(), MSG_NOSIGNAL);
  return std::string_view(line.data(), static_cast<std::size_t>(n)) == "hold\n";
}

void naming_server::serve() {
  std::vector<descriptor> connections;
  for (;;) {
    std::vector<pollfd> polled{{stopped_.get(), POLLIN, 0}};
    for (const descriptor& d : listeners_) polled.push_back({d.get(), POLLIN, 0});
    for (const descriptor& d : connections) polled.push_back({d.get(), POLLIN, 0});
    ::poll(polled.data(), polled.size(), -1);
    if (polled[0].revents != 0) return;
    const std::size_t first = 1 + listeners_.size();
    for (std::size_t i = first; i < polled.size(); ++i)
      if (polled[i].revents != 0 && !answer(polled[i].fd)) connections[i - first].reset();
    std::erase_if(connections, [](const descriptor& d) { return !d; });
    for (std::size_t i = 1; i < first; ++i)
      if (polled[i].revents != 0) connections.emplace_back(::accept4(polled[i].fd, nullptr, nullptr, SOCK_CLOEXEC));
  }
}

}  // namespace holdfast::differential
