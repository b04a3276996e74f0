#include "balancer/logs/access_log_io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "balancer/flow/access_log.h"
#include "balancer/names/resolver.h"
#include "balancer/names/service_port_io.h"
#include "base/clock_io.h"
#include "base/descriptor_io.h"
#include "base/log/log_outlet_io.h"
#include "base/log_io.h"

namespace holdfast {

namespace {

namespace asio = boost::asio;
using asio::ip::udp;

struct datagrams {
  asio::io_context io;
  udp::socket socket{io};

  line_writer::outcome send(std::string_view lines) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    std::string datagram;
    append_penlogd(datagram, line);
    boost::system::error_code ignored;  // nobody listens: lost, as datagrams are
    socket.send(asio::buffer(datagram), MSG_DONTWAIT, ignored);
    return {.bytes = std::min(line.size() + 1, lines.size())};
  }
};

result<line_writer::outlet, std::string> outlet_to_penlogd(const place& where) {
  const auto to = resolver(service_port).find(where);
  if (!to) return to.error();
  const auto made = std::make_shared<datagrams>();
  const asio::ip::address host = to->host.is_v4() ? asio::ip::address(asio::ip::address_v4(to->host.v4_value()))
                                                  : asio::ip::address(asio::ip::address_v6(to->host.bytes()));
  boost::system::error_code failed;
  if (made->socket.connect({host, to->port}, failed))
    return "can't reach the log host " + to->text() + ": " + failed.message();
  return line_writer::outlet([made](std::string_view lines) { return made->send(lines); });
}

}  // namespace

result<line_writer::outlet, std::string> open_access_log(const place& where) {
  return where.path.empty() ? outlet_to_penlogd(where) : outlet_to_file(where.path);
}

result<void, std::string> rehearse_access_log(const place& where) {
  if (where.path.empty()) {
    const auto to = resolver(service_port).find(where);
    if (!to) return to.error();
    return {};
  }
  const descriptor there(::open(where.path.c_str(), O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC));
  if (there) return {};
  const int error = errno;
  const std::string directory = std::filesystem::path(where.path).parent_path();
  const bool could = error == ENXIO ||
                     (error == ENOENT &&
                      faccessat(AT_FDCWD, directory.empty() ? "." : directory.c_str(), W_OK | X_OK, AT_EACCESS) == 0);
  if (could) return {};
  return "can't write " + where.path + ": " + std::strerror(error);
}

void access_log::write(std::string_view lines) {
  writer_.push(lines);
  const std::uint64_t lost = writer_.lost();
  if (lost == said_) return;
  const char* why = writer_.trouble() == EAGAIN ? "it is not read in time" : std::strerror(writer_.trouble());
  const std::string line = "access_log=lost lines=" + std::to_string(lost - said_) + " why=\"" + why + '"';
  if (const auto say = limit_.say(line, monotonic_now())) {
    said_ = lost;
    log::error("{}", *say);
  }
}

}  // namespace holdfast
