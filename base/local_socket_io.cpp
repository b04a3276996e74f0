#include "base/local_socket_io.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace holdfast {

namespace {

constexpr int waiting_most = 16;            // callers whom the kernel lets wait
constexpr std::size_t groups_most = 65536;  // the kernel's own limit

std::string because(const std::string& what) { return what + ": " + std::strerror(errno); }

bool fits(const std::string& path) { return !path.empty() && path.size() < sizeof(sockaddr_un::sun_path); }

sockaddr_un name_of(const std::string& path) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  path.copy(where.sun_path, sizeof where.sun_path - 1);
  return where;
}

descriptor make_socket() { return descriptor(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

bool connect_to(int socket, const std::string& path) {
  const sockaddr_un where = name_of(path);
  return connect(socket, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
}

// A socket of another type, or one with a full queue, has somebody behind it, too.
bool is_served(const std::string& path) {
  const descriptor probe = make_socket();
  return !probe || connect_to(probe.get(), path) || errno != ECONNREFUSED;
}

std::vector<gid_t> groups_of(int socket) {
  std::vector<gid_t> groups(64);
  for (;;) {
    auto bytes = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes) == 0) {
      groups.resize(bytes / sizeof(gid_t));
      return groups;
    }
    if (errno != ERANGE || groups.size() >= groups_most) return {};
    groups.resize(std::min<std::size_t>(bytes / sizeof(gid_t) + 1, groups_most));
  }
}

}  // namespace

result<void, std::string> clear_path(const std::string& path) {
  if (!fits(path)) {
    return "the path of a socket has 1 to " + std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes: " + path;
  }
  struct stat found{};
  if (lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return because("can't look at " + path);
  }
  if (!S_ISSOCK(found.st_mode)) return path + " exists and is not a socket";
  if (is_served(path)) return "somebody is listening on " + path + " already";
  if (unlink(path.c_str()) != 0) return because("can't remove the stale socket " + path);
  return {};
}

bool give_access(const std::string& path, mode_t mode, std::optional<gid_t> group) {
  if (chmod(path.c_str(), mode) != 0) return false;
  return !group || chown(path.c_str(), static_cast<uid_t>(-1), *group) == 0 || errno == EPERM;
}

local_door::local_door(descriptor fd, std::string path, dev_t device, ino_t inode)
    : fd_(std::move(fd)), path_(std::move(path)), device_(device), inode_(inode) {}

local_door::~local_door() {
  if (fd_ && is_there()) unlink(path_.c_str());
}

bool local_door::is_there() const {
  struct stat found{};
  return lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_;
}

result<local_door, std::string> local_door::open(const std::string& path, mode_t mode, std::optional<gid_t> group) {
  if (const auto clear = clear_path(path); !clear) return clear.error();
  descriptor fd = make_socket();
  const sockaddr_un where = name_of(path);
  if (!fd || bind(fd.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    return because("can't listen on " + path);
  }
  // Nobody can connect before listen(), so nobody meets the file with the wrong mode.
  struct stat made{};
  if (!give_access(path, mode, group) || lstat(path.c_str(), &made) != 0 || listen(fd.get(), waiting_most) != 0) {
    std::string why = because("can't listen on " + path);
    unlink(path.c_str());
    return why;
  }
  return local_door(std::move(fd), path, made.st_dev, made.st_ino);
}

descriptor local_door::accept() const {
  return descriptor(accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

std::optional<local_peer> peer_of(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return local_peer{.pid = peer.pid, .uid = peer.uid, .gid = peer.gid, .groups = groups_of(socket)};
}

std::optional<gid_t> group_number(const std::string& name) {
  const group* found = getgrnam(name.c_str());
  if (found == nullptr) return std::nullopt;
  return found->gr_gid;
}

result<descriptor, std::string> call_local(const std::string& path) {
  if (!fits(path)) return std::string(std::strerror(ENAMETOOLONG));
  descriptor fd = make_socket();
  if (!fd || !connect_to(fd.get(), path)) return std::string(std::strerror(errno));
  return fd;
}

posted post_packet(int socket, std::span<const std::uint8_t> bytes) {
  if (send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return posted::whole;
  const bool full = errno == EAGAIN || errno == EINTR || errno == ENOBUFS || errno == ENOMEM;
  return full ? posted::later : posted::ended;
}

taken take_packet(int socket, packet& into) {
  into.resize(into.capacity(), boost::container::default_init);
  const ssize_t size = recv(socket, into.data(), into.size(), MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return taken::nothing;
  if (size <= 0) return taken::ended;
  into.resize(static_cast<std::size_t>(size));
  return taken::whole;
}

}  // namespace holdfast
