#include "base/log/penlogd_outlet_io.h"

#include <boost/asio/io_context.hpp>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/clock_io.h"
#include "base/descriptor_io.h"
#include "base/tls/secure_stream_io.h"

namespace holdfast {

namespace {

constexpr int wait_ms = 100;
constexpr std::size_t lines_at_once = 64;
constexpr std::size_t bytes_at_once = 32 << 10;
constexpr duration pause_between_calls = std::chrono::seconds(1);

line_writer::outcome later() {
  ::poll(nullptr, 0, wait_ms);
  return {.bytes = 0, .error = EAGAIN};
}

struct socket_name {
  sockaddr_storage bytes{};
  socklen_t size = 0;

  explicit socket_name(const endpoint& e) {
    if (!e.path.empty()) {
      auto* made = reinterpret_cast<sockaddr_un*>(&bytes);
      made->sun_family = AF_UNIX;
      e.path.copy(made->sun_path, sizeof made->sun_path - 1);
      size = sizeof *made;
    } else if (e.host.is_v4()) {
      auto* made = reinterpret_cast<sockaddr_in*>(&bytes);
      made->sin_family = AF_INET;
      made->sin_port = htons(e.port);
      made->sin_addr.s_addr = htonl(e.host.v4_value());
      size = sizeof *made;
    } else {
      auto* made = reinterpret_cast<sockaddr_in6*>(&bytes);
      made->sin6_family = AF_INET6;
      made->sin6_port = htons(e.port);
      std::memcpy(&made->sin6_addr, e.host.bytes().data(), e.host.bytes().size());
      size = sizeof *made;
    }
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&bytes); }
};

class datagrams {
 public:
  datagrams(const penlogd_place& where, line_form form) : where_(where), form_(std::move(form)) {}

  // The error is errno.
  bool open() {
    const socket_name to(where_.to);
    fd_.reset(::socket(to.bytes.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd_) return false;
    if (where_.from) {
      const socket_name from({*where_.from, 0, {}});
      if (::bind(fd_.get(), from.get(), from.size) != 0) return false;
    }
    return ::connect(fd_.get(), to.get(), to.size) == 0;
  }

  line_writer::outcome send(std::string_view lines) {
    if (!fd_ && !open()) return give_up();
    load(lines);
    const int sent = ::sendmmsg(fd_.get(), messages_.data(), static_cast<unsigned>(messages_.size()), MSG_NOSIGNAL);
    const bool refused_before = std::exchange(refused_, false);
    if (sent > 0) return {.bytes = ends_[static_cast<std::size_t>(sent) - 1]};
    if (errno == EAGAIN || errno == ENOBUFS) return wait();
    if (!where_.to.path.empty() && errno != EMSGSIZE) return give_up();
    refused_ = errno == ECONNREFUSED && !refused_before;
    return {.bytes = refused_ ? 0 : ends_[0]};  // it was an earlier datagram that was refused
  }

 private:
  // The next lines as messages; ends_: where each ends in `lines`.
  void load(std::string_view lines) {
    formed_.clear();
    ends_.clear();
    std::vector<std::size_t> begins;
    for (std::size_t at = 0; at < lines.size() && ends_.size() < lines_at_once && at < bytes_at_once;) {
      const std::string_view line = lines.substr(at, lines.find('\n', at) - at);
      begins.push_back(formed_.size());
      form_(formed_, line);
      formed_ += '\n';
      at = std::min(at + line.size() + 1, lines.size());
      ends_.push_back(at);
    }
    begins.push_back(formed_.size());
    parts_.resize(ends_.size());
    messages_.assign(ends_.size(), {});
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      parts_[i] = {formed_.data() + begins[i], begins[i + 1] - begins[i]};
      messages_[i].msg_hdr.msg_iov = &parts_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  line_writer::outcome wait() const {
    pollfd room{.fd = fd_.get(), .events = POLLOUT, .revents = 0};
    ::poll(&room, 1, wait_ms);
    return {.bytes = 0, .error = EAGAIN};
  }
  line_writer::outcome give_up() {
    fd_.reset();
    return later();
  }

  penlogd_place where_;
  line_form form_;
  descriptor fd_;
  bool refused_ = false;
  std::string formed_;
  std::vector<std::size_t> ends_;
  std::vector<iovec> parts_;
  std::vector<mmsghdr> messages_;
};

class frames {
 public:
  frames(const penlogd_place& where, const tls_context& keys, line_form form)
      : where_(where), keys_(keys), form_(std::move(form)) {}

  line_writer::outcome send(std::string_view lines) {
    turn(instant{});  // that the other end has gone is known before anything is said to it
    const instant until = monotonic_now() + std::chrono::milliseconds(wait_ms);
    if (!called_ && monotonic_now() >= next_call_) call();
    while (called_ && !open_ && monotonic_now() < until) turn(until);
    if (!open_)
      return std::exchange(rejected_, false) ? line_writer::outcome{.bytes = 0, .error = EKEYREJECTED} : later();
    if (under_way_ == 0) say(lines);
    while (open_ && stream_.unsent() > 0 && monotonic_now() < until) turn(until);
    if (open_ && stream_.unsent() == 0) return {.bytes = std::exchange(under_way_, 0)};
    return {.bytes = 0, .error = EAGAIN};
  }

 private:
  void call() {
    stream_options options;
    options.frame_limit = max_log_frame;
    options.queue_limit = 2 * max_log_frame;
    options.silence = duration::zero();  // it has nothing to say to us
    options.keep_alive = std::chrono::seconds(10);
    options.user_timeout = std::chrono::seconds(30);
    called_ = true;
    stream_ = secure_stream::dial(io_, keys_, options, where_.to, where_.from,
                                  {.opened = [this] { open_ = true; },
                                   .received = [](std::span<const std::uint8_t>) {},
                                   .ended =
                                       [this](stream_end why) {
                                         called_ = open_ = false;
                                         under_way_ = 0;
                                         rejected_ = why == stream_end::not_authenticated;
                                         next_call_ = monotonic_now() + pause_between_calls;
                                       }});
  }

  void say(std::string_view lines) {
    std::string frame;
    std::size_t at = 0;
    while (at < lines.size() && at < bytes_at_once) {
      const std::string_view line = lines.substr(at, lines.find('\n', at) - at);
      form_(frame, line);
      frame += '\n';
      at = std::min(at + line.size() + 1, lines.size());
    }
    if (stream_.send({reinterpret_cast<const std::uint8_t*>(frame.data()), frame.size()})) under_way_ = at;
  }

  void turn(instant until) {
    io_.restart();
    if (until == instant{})
      io_.poll();
    else
      io_.run_one_until(until);
  }

  penlogd_place where_;
  tls_context keys_;
  line_form form_;
  boost::asio::io_context io_{1};
  secure_stream stream_;
  bool called_ = false, open_ = false, rejected_ = false;
  std::size_t under_way_ = 0;  // bytes of lines that the kernel has not taken yet
  instant next_call_{};
};

}  // namespace

result<line_writer::outlet, std::string> outlet_to_datagrams(const penlogd_place& where, line_form form) {
  if (where.to.path.size() >= sizeof(sockaddr_un::sun_path))
    return failure{"the path of a socket has 107 bytes at most: " + where.to.path};
  const auto made = std::make_shared<datagrams>(where, std::move(form));
  if (where.to.path.empty() && !made->open())
    return failure{"can't reach the log host " + where.to.text() + ": " + std::strerror(errno)};
  return line_writer::outlet([made](std::string_view lines) { return made->send(lines); });
}

line_writer::outlet outlet_to_tls(const penlogd_place& where, const tls_context& keys, line_form form) {
  const auto made = std::make_shared<frames>(where, keys, std::move(form));
  return [made](std::string_view lines) { return made->send(lines); };
}

}  // namespace holdfast
