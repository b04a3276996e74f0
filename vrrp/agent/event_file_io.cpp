#include "vrrp/agent/event_file_io.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/descriptor_io.h"
#include "base/log_io.h"
#include "cli/configuration/files_io.h"

namespace holdfast {

event_file::event_file(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  constexpr std::size_t most = 1 << 20;
  if (auto text = read_whole_file(path_)) found_ = text->size() > most ? text->substr(text->size() - most) : *text;
  lines_ = static_cast<std::size_t>(std::count(found_.begin(), found_.end(), '\n'));
  thread_ = std::thread([this] { run(); });
}

event_file::~event_file() {
  if (!thread_.joinable()) return;
  order last{.text = {}, .replaces = false, .ends = true};
  while (!orders_.push(last)) std::this_thread::yield();
  thread_.join();
}

void event_file::append(std::string line) {
  order what{.text = std::move(line)};
  if (!path_.empty() && orders_.push(what)) ++lines_;
}

void event_file::replace(std::string all) {
  const auto lines = static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n'));
  order what{.text = std::move(all), .replaces = true};
  if (!path_.empty() && orders_.push(what)) lines_ = lines;
}

void event_file::run() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  for (;;) {
    pollfd bell{.fd = orders_.fd(), .events = POLLIN, .revents = 0};
    ::poll(&bell, 1, -1);
    for (const order& what : orders_.drain()) {
      if (what.ends) return;
      write(what);
    }
  }
}

void event_file::write(const order& what) const {
  if (what.replaces) {
    if (const auto done = replace_file(path_, what.text); !done) log::error("events=lost why=\"{}\"", done.error());
    return;
  }
  const descriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  const bool done = file && ::write(file.get(), what.text.data(), what.text.size()) >= 0;
  if (!done) log::error("events=lost why=\"can't write {}: {}\"", path_, std::strerror(errno));
}

}  // namespace holdfast
