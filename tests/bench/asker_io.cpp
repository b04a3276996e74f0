#include "tests/bench/asker_io.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <stdexcept>
#include <utility>

#include "tests/bench/socket_io.h"

namespace holdfast::bench {

namespace {

using namespace std::chrono_literals;

struct connection {
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { close(fd); }
};

// Says a line and hears the answer to its end. Throws std::system_error.
std::string ask(const std::string& path, const std::string& line) {
  const connection to;
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof name.sun_path) throw std::runtime_error("the path of the socket is too long: " + path);
  path.copy(name.sun_path, path.size());
  if (connect(to.fd, std::bit_cast<const sockaddr*>(&name), sizeof name) < 0) throw_errno("connect to " + path);
  if (send(to.fd, line.data(), line.size(), 0) != static_cast<ssize_t>(line.size())) throw_errno("send to " + path);
  std::string answer;
  std::array<char, 4096> piece;
  for (;;) {
    const ssize_t got = recv(to.fd, piece.data(), piece.size(), 0);
    if (got < 0) throw_errno("receive from " + path);
    if (got == 0) return answer;
    answer.append(piece.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

std::string dotted(std::uint32_t host) {
  return std::to_string(host >> 24) + '.' + std::to_string(host >> 16 & 0xff) + '.' + std::to_string(host >> 8 & 0xff) +
         '.' + std::to_string(host & 0xff);
}

asker::asker(question what)
    : what_(std::move(what)), thread_([this](const std::stop_token& stop) {
        try {
          run(stop);
        } catch (const std::exception& error) {
          trouble_ = error.what();
        }
      }) {}

bool asker::knows(std::uint32_t client) const {
  std::string line = what_.line + '\n';
  if (const std::size_t at = line.find('@'); at != std::string::npos) line.replace(at, 1, dotted(client));
  return ask(what_.socket, line).find(what_.known) != std::string::npos;
}

void asker::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const std::uint32_t client = wanted_.load(std::memory_order_acquire);
    if (client == 0) {
      std::this_thread::sleep_for(50us);
      continue;
    }
    finding found{.client = client, .last_no = {}, .yes = {}};
    const auto begin = steady::now();
    for (auto now = begin; now - begin < 1s && found.yes == steady::time_point{}; now = steady::now()) {
      if (knows(client)) {
        found.yes = steady::now();
      } else {
        found.last_no = now;
      }
    }
    found_.push_back(found);
    wanted_.store(0, std::memory_order_release);
  }
}

std::vector<finding> asker::finish() {
  thread_.request_stop();
  thread_.join();
  if (!trouble_.empty()) throw std::runtime_error("the node could not be asked: " + trouble_);
  return std::move(found_);
}

}  // namespace holdfast::bench
