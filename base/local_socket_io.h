// UNIX sockets that keep messages apart (SOCK_SEQPACKET): a path to call at, who calls, and messages that nobody waits
// for. Knows what fits into a packet, not what it says.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/descriptor_io.h"
#include "base/result.h"
#include "base/vocabulary.h"

namespace holdfast {

// Listens at a path while it lives; then the path is removed, if the file there is still ours.
class local_door {
 public:
  // With `mode`, owned by `group` if that is given and we may. A socket that nobody serves any more is replaced. The
  // error is a sentence: somebody is listening there, not a socket, no permission...
  static result<local_door, std::string> open(const std::string& path, mode_t mode, std::optional<gid_t> group);
  local_door(local_door&&) = default;
  local_door& operator=(local_door&&) = delete;
  ~local_door();

  bool is_there() const;                // the file at the path is still ours
  int fd() const { return fd_.get(); }  // readable while somebody waits; non-blocking

  // Non-blocking. None: nobody waits any more (errno EAGAIN), or the system has no room.
  descriptor accept() const;

 private:
  local_door(descriptor fd, std::string path, dev_t device, ino_t inode);

  descriptor fd_;
  std::string path_;
  dev_t device_ = 0;  // which file we made at `path`
  ino_t inode_ = 0;
};

// Makes way for a socket at `path`: one that nobody serves any more is removed. The error is a sentence.
result<void, std::string> clear_path(const std::string& path);

// Who may use the socket there. Only members may give a file to a group: if we are none, it stays with ours, which lets
// in fewer people. False: the system says no (errno).
bool give_access(const std::string& path, mode_t mode, std::optional<gid_t> group);

// Who is at the other end, as the kernel says it: at the time of its connect().
struct local_peer {
  pid_t pid = 0;
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  std::vector<gid_t> groups;  // supplementary; none when there are more than 65,536
};
std::optional<local_peer> peer_of(int socket);
std::optional<gid_t> group_number(const std::string& name);

// Non-blocking and connected, or the reason in the system's words. Does not wait: a full queue is an error.
result<descriptor, std::string> call_local(const std::string& path);

// later: there is no room now, nothing was sent. ended: nobody is at the other end any more.
enum class posted : std::uint8_t { whole, later, ended };
posted post_packet(int socket, std::span<const std::uint8_t> bytes);

// whole: `into` holds the next message, or the beginning of one that is too long to be any.
enum class taken : std::uint8_t { whole, nothing, ended };
taken take_packet(int socket, packet& into);

}  // namespace holdfast
