// Where the daemon listens for operators and for agents.
#include <filesystem>
#include <stdexcept>

#include "balancer/daemon/control_place.h"
#include "balancer/daemon/daemon_io.h"
#include "base/clock_io.h"
#include "base/log_io.h"

namespace holdfast {

namespace {

constexpr duration between_looks = 1s;

}  // namespace

void daemon::listen_for_operators() {
  if (!options_.socket.empty()) {
    const auto open = control_.listen_unix(options_.socket);
    if (!open && options_.socket_required) throw std::runtime_error(open.error());
    if (!open) {
      log::warn("control={} refused why=\"{}\"", options_.socket, open.error());
      options_.socket.clear();
    }
  }
  if (options_.control_path.empty()) return;
  if (const auto open = pen_control_.listen_unix(options_.control_path); !open) throw std::runtime_error(open.error());
}

bool daemon::may_control(const address& from) const {
  return ::holdfast::may_control(farm_.current(), farm_.acls(), from);
}

void daemon::listen_for_agents() {
  if (options_.socket.empty()) return;
  const auto path = std::filesystem::path(options_.socket).replace_filename(link_socket_name).string();
  const auto open = agents_.listen(path);
  if (!open && options_.socket_required) throw std::runtime_error(open.error());
  if (!open) log::warn("agents={} refused why=\"{}\"", path, open.error());
}

result<void, std::string> daemon::listen_for_control(const std::optional<endpoint>& where) {
  if (where == control_at_) return {};
  if (!where) control_.stop_tcp();
  if (where) {
    const auto open = control_.listen_tcp(*where, [this](const address& from) { return may_control(from); });
    if (!open) return open.error();
  }
  control_at_ = where;
  return {};
}

// Whoever takes a socket's file or folder away, or makes the folder anew, takes us off the air: we make it again.
void daemon::look_after_sockets() {
  looking_.set(monotonic_now() + between_looks);
  if (stop_at_) return;
  const bool in_sight = options_.jail.empty();
  farm_.look_after(in_sight);
  if (!in_sight) return;
  const auto say = [this](const result<bool, std::string>& made, const char* what) {
    if (made && *made) log::warn("{}=open why=\"its file had gone\"", what);
    if (made) return;
    const std::string line = std::string(what) + "=lost why=\"" + made.error() + '"';
    if (const auto now = lost_sockets_.say(line, monotonic_now())) log::warn("{}", *now);
  };
  say(control_.look_after(), "control");
  say(pen_control_.look_after(), "control");
  say(agents_.look_after(), "agents");
}

}  // namespace holdfast
