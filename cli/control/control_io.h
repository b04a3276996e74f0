// The server side of a control socket: somebody connects, says one line, gets one answer, and is closed. Knows who
// asks, and the limits of asking; knows no command. All of it, except giving the answer, happens on the io_context's
// thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/paths.h"
#include "base/result.h"
#include "cli/reply/reply.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

struct caller {
  bool local = false;      // over a UNIX socket: uid and gid are true
  bool may_write = false;  // local: root, our own user, or a member of the group; TCP: whoever the acl lets in
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  endpoint from = {};  // TCP: the peer's address and port; local: the path of the socket
  bool json = false;   // reads the answer's tables; its text for Pen only where there are none
};

struct control_limits {
  std::size_t line = 4096;  // bytes of a line, its end not counted
  std::size_t callers = 64;
  std::chrono::milliseconds to_say{5000};      // without a byte more; a line that was begun then counts as whole
  std::chrono::milliseconds to_finish{30000};  // from connect to the end of the line
  std::chrono::milliseconds to_answer{60000};  // for the handler
  std::chrono::milliseconds to_take{5000};     // without progress while the answer is written
};

class control_server {
 public:
  // Gives the answer; called once, now or later, on any thread. Dropped without a call: the caller reads "error: ...".
  // After stop(), or when the caller has gone, it does nothing.
  using respond_type = std::function<void(reply)>;

  // line: what was said, without `json ` in front (the server renders the answer in the form asked for), line end and
  // surrounding blanks; valid during the call only. It must not throw.
  using handler_type = std::function<void(const caller& who, std::string_view line, respond_type respond)>;

  // May this address talk to us over TCP? (control_acl)
  using accept_type = std::function<bool(const address& from)>;

  control_server(boost::asio::io_context& io, handler_type handler, control_limits limits = {});
  ~control_server();  // stop()
  control_server(const control_server&) = delete;
  control_server& operator=(const control_server&) = delete;

  // Listens on `path` with `mode`, owned by `group` if that group exists; its members may write. A socket that nobody
  // serves any more is replaced. The error is a sentence: somebody is listening there, not a socket, no permission...
  result<void, std::string> listen_unix(const std::string& path, mode_t mode = 0660,
                                        const std::string& group = control_group);

  // Listens there again, in a folder that is made if it is missing, when the file is no longer ours; true: it has. No
  // more than a look otherwise.
  result<bool, std::string> look_after();

  // Listens on `where` (address and port; port 0 = any) instead of where it listened for TCP before; gives the address
  // and port bound. On error nothing has changed.
  result<endpoint, std::string> listen_tcp(const endpoint& where, accept_type accepts);
  void stop_tcp();

  // Listens no more, removes the path, closes all callers. Answers written before, to callers that read, arrive.
  void stop();

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace holdfast
