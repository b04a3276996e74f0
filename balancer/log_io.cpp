#include "balancer/log_io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <fcntl.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <variant>

#include "balancer/choice/resolve_io.h"
#include "balancer/relay/access_log.h"
#include "base/clock_io.h"
#include "base/descriptor_io.h"
#include "base/log_io.h"

namespace holdfast {

namespace {

namespace asio = boost::asio;
using asio::ip::udp;

// journald reads the level from a "<N>" prefix (sd-daemon(3)); spdlog's custom flags put it there.
class journal_level : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    static constexpr std::array<char, 7> levels{'7', '7', '6', '4', '3', '2', '6'};
    out.push_back('<');
    out.push_back(levels.at(static_cast<std::size_t>(message.level)));
    out.push_back('>');
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<journal_level>(); }
};

}  // namespace

void start_logging(bool foreground) {
  if (!foreground) {
    spdlog::set_default_logger(spdlog::syslog_logger_mt("holdfast", "holdfast-balancer", LOG_PID, LOG_DAEMON));
    return;
  }
  auto logger = spdlog::stderr_logger_mt("holdfast");
  if (std::getenv("JOURNAL_STREAM") != nullptr) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<journal_level>('*').set_pattern("%*%v");
    logger->set_formatter(std::move(formatter));
  } else {
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
  }
  spdlog::set_default_logger(std::move(logger));
}

void set_log_level(std::uint32_t verbosity) {
  spdlog::set_level(verbosity == 0 ? spdlog::level::info : spdlog::level::debug);
}

std::optional<std::string> once_a_minute::say(std::string_view line, std::chrono::steady_clock::time_point now) {
  if (last_ && now - *last_ < std::chrono::minutes(1)) {
    ++unsaid_;
    return std::nullopt;
  }
  last_ = now;
  std::string out(line);
  if (unsaid_ > 0) out += " unsaid=" + std::to_string(std::exchange(unsaid_, 0));
  return out;
}

namespace {

// Appends to a file; spdlog's sink keeps the descriptor and buffers nothing across write().
struct file_log {
  std::unique_ptr<spdlog::logger> out;
  void write(std::string_view lines) const { out->log(spdlog::level::info, lines); }
};

struct datagram_log {
  asio::io_context io;
  udp::socket socket{io};
  void write(std::string_view lines) {
    while (!lines.empty()) {
      const auto end = lines.find('\n');
      std::string datagram;
      append_penlogd(datagram, lines.substr(0, end));
      boost::system::error_code ignored;  // nobody listens: lost, as datagrams are
      socket.send(asio::buffer(datagram), MSG_DONTWAIT, ignored);
      lines.remove_prefix(end == lines.npos ? lines.size() : end + 1);
    }
  }
};

}  // namespace

struct access_sink::impl {
  std::variant<file_log, std::unique_ptr<datagram_log>> to;
};

access_sink::access_sink(std::unique_ptr<impl> i) : impl_(std::move(i)) {}
access_sink::~access_sink() = default;

result<std::unique_ptr<access_sink>, std::string> access_sink::open(const place& where) {
  auto made = std::make_unique<impl>();
  if (!where.path.empty()) {
    const int fd = ::open(where.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (fd < 0) return "can't write the access log " + where.path + ": " + std::strerror(errno);
    ::close(fd);
    auto out =
        std::make_unique<spdlog::logger>("access", std::make_shared<spdlog::sinks::basic_file_sink_mt>(where.path));
    auto formatter = std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::local, "");
    out->set_formatter(std::move(formatter));
    out->flush_on(spdlog::level::info);
    out->set_error_handler([limit = std::make_shared<once_a_minute>()](const std::string& what) {
      if (const auto line = limit->say("access_log=failed error=\"" + what + '"', monotonic_now())) {
        log::error("{}", *line);
      }
    });
    made->to = file_log{std::move(out)};
  } else {
    const auto to = resolver().find(where);
    if (!to) return to.error();
    auto datagrams = std::make_unique<datagram_log>();
    const asio::ip::address host = to->host.is_v4() ? asio::ip::address(asio::ip::address_v4(to->host.v4_value()))
                                                    : asio::ip::address(asio::ip::address_v6(to->host.bytes()));
    boost::system::error_code failed;
    if (datagrams->socket.connect({host, to->port}, failed))
      return "can't reach the log host " + to->text() + ": " + failed.message();
    made->to = std::move(datagrams);
  }
  return std::unique_ptr<access_sink>(new access_sink(std::move(made)));
}

result<void, std::string> access_sink::rehearse(const place& where) {
  if (where.path.empty()) {
    const auto to = resolver().find(where);
    if (!to) return to.error();
    return {};
  }
  const descriptor there(::open(where.path.c_str(), O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC));
  if (there) return {};
  const int error = errno;
  const std::string directory = std::filesystem::path(where.path).parent_path();
  const bool could =
      error == ENOENT && faccessat(AT_FDCWD, directory.empty() ? "." : directory.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
  if (could) return {};
  return "can't write the access log " + where.path + ": " + std::strerror(error);
}

void access_sink::write(std::string_view lines) {
  if (auto* file = std::get_if<file_log>(&impl_->to)) return file->write(lines);
  std::get<std::unique_ptr<datagram_log>>(impl_->to)->write(lines);
}

}  // namespace holdfast
