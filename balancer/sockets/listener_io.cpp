#include "balancer/sockets/listener_io.h"

#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "balancer/sockets/socket_io.h"

namespace holdfast {

namespace {

// A path that nobody answers on any more is free; anything that is no socket stays, and bind says so.
void remove_stale(const endpoint& where, const socket_address& at) {
  struct stat seen{};
  if (lstat(where.path.c_str(), &seen) != 0 || !S_ISSOCK(seen.st_mode)) return;
  const descriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (probe && connect(probe.get(), at.get(), at.length) != 0 && errno == ECONNREFUSED) unlink(where.path.c_str());
}

bool bind_free(int fd, int family) {
  const bool free = family == AF_INET6
                        ? set_option(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1) && set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)
                        : set_option(fd, IPPROTO_IP, IP_FREEBIND, 1);
  return free && set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
}

// Who is accepted inherits all of it.
bool prepare(int fd, int family) {
  if (family == AF_UNIX) return true;
  return bind_free(fd, family) && set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1) &&
         set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1) && set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_limit) &&
         ask_when_silent(fd, service_settings());
}

}  // namespace

result<descriptor, boost::system::error_code> open_listening_socket(const endpoint& where, int backlog,
                                                                    const socket_access& access) {
  if (!socket_address::fits(where)) return boost::system::errc::make_error_code(boost::system::errc::filename_too_long);
  const socket_address at(where);
  descriptor made(socket(at.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made || !prepare(made.get(), at.family())) return last_error();
  if (at.family() == AF_UNIX) remove_stale(where, at);
  if (bind(made.get(), at.get(), at.length) != 0) return last_error();
  auto failed = let_in(where, access);
  if (!failed && listen(made.get(), backlog) != 0) failed = last_error();
  if (!failed) return made;
  if (!where.path.empty()) unlink(where.path.c_str());
  return failed;
}

std::string objection_to(const socket_access& access) {
  if (!access.owner.empty() && getpwnam(access.owner.c_str()) == nullptr) return "there is no user " + access.owner;
  if (!access.group.empty() && getgrnam(access.group.c_str()) == nullptr) return "there is no group " + access.group;
  return {};
}

boost::system::error_code let_in(const endpoint& where, const socket_access& access) {
  if (where.path.empty()) return {};
  const passwd* owner = access.owner.empty() ? nullptr : getpwnam(access.owner.c_str());
  const uid_t uid = owner == nullptr ? static_cast<uid_t>(-1) : owner->pw_uid;
  const group* members = access.group.empty() ? nullptr : getgrnam(access.group.c_str());
  const gid_t gid = members == nullptr ? static_cast<gid_t>(-1) : members->gr_gid;
  const bool moves = owner != nullptr || members != nullptr;
  if (moves && lchown(where.path.c_str(), uid, gid) != 0) return last_error();
  if (access.mode && chmod(where.path.c_str(), *access.mode) != 0) return last_error();
  return {};
}

socket_file::socket_file(std::string path) : path_(std::move(path)) {
  struct stat seen{};
  if (path_.empty() || lstat(path_.c_str(), &seen) != 0) return;
  device_ = seen.st_dev;
  inode_ = seen.st_ino;
}

bool socket_file::is_there() const {
  struct stat seen{};
  return lstat(path_.c_str(), &seen) == 0 && seen.st_dev == device_ && seen.st_ino == inode_;
}

socket_file::~socket_file() {
  if (!path_.empty() && is_there()) unlink(path_.c_str());
}

bool is_taken(const endpoint& where) {
  if (!where.path.empty()) return false;
  const socket_address at(where);
  const descriptor alone(socket(at.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  return alone && bind_free(alone.get(), at.family()) && bind(alone.get(), at.get(), at.length) != 0 &&
         errno == EADDRINUSE;
}

}  // namespace holdfast
