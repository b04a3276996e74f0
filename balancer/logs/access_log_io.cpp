#include "balancer/logs/access_log_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "balancer/flow/access_log.h"
#include "balancer/logs/log_place.h"
#include "balancer/names/resolver.h"
#include "balancer/names/service_port_io.h"
#include "base/clock_io.h"
#include "base/descriptor_io.h"
#include "base/log/log_outlet_io.h"
#include "base/log/penlogd_outlet_io.h"
#include "base/log_io.h"
#include "base/tls/cluster_key_io.h"

namespace holdfast {

namespace {

result<line_writer::outlet, std::string> outlet_to_penlogd(const place& where, const log_setting& how) {
  if (const std::string path = penlogd_path(where); !path.empty())
    return outlet_to_datagrams({.to = {{}, 0, path}, .from = {}}, append_penlogd);
  const auto to = resolver(service_port).find(where);
  if (!to) return failure{to.error()};
  if (how.over == log_transport::datagrams) return outlet_to_datagrams({.to = *to, .from = {}}, append_penlogd);
  if (how.cluster_key.empty()) return failure{"over tls: expected `cluster key FILE`"};
  auto keys = load_cluster_keys(how.cluster_key, how.next_cluster_key);
  if (!keys) return failure{keys.error()};
  return outlet_to_tls({.to = *to, .from = {}}, tls_context(std::move(*keys), log_label), append_penlogd);
}

// A file that is a socket would be waited for as a pipe is.
result<void, std::string> check_no_socket(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) return {};
  return failure{path + " is a socket: expected unix:" + path + " for a penlogd"};
}

}  // namespace

result<line_writer::outlet, std::string> open_access_log(const place& where, const log_setting& how) {
  if (is_penlogd(where)) return outlet_to_penlogd(where, how);
  if (const auto could = check_no_socket(where.path); !could) return failure{could.error()};
  return outlet_to_file(where.path);
}

result<void, std::string> rehearse_access_log(const place& where, const log_setting& how) {
  if (is_penlogd(where)) {
    const auto could = outlet_to_penlogd(where, how);
    if (!could) return failure{could.error()};
    return {};
  }
  if (const auto could = check_no_socket(where.path); !could) return could;
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
