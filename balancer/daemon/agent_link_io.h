// The balancer's end of the link to the agents (holdfast-vrrp): lets them in, says that the control thread lives and
// what the service is worth, and keeps what they say of their roles. The workers' beats go out on the same sockets, by
// the workers themselves. All of it happens on the io_context's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/vocabulary.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

class agent_link {
 public:
  // look: the condition now. looked: the checks' last look at the servers, none if there is none. workers: has every
  // worker beat on a copy of that socket; false when there is no room for the copies. None is called before listen().
  agent_link(
      boost::asio::io_context& io, std::function<condition()> look, std::function<bool(int socket)> workers,
      std::function<std::optional<holdfast::look>()> looked = [] { return std::nullopt; });
  ~agent_link();  // stop()
  agent_link(const agent_link&) = delete;
  agent_link& operator=(const agent_link&) = delete;

  // Mode 0660, group `holdfast`. Lets in root, our own user and members of the group; at most 4 agents at once, a fifth
  // is hung up on. The error is a sentence.
  result<void, std::string> listen(const std::string& path);

  // Listens there again, in a folder that is made if it is missing, when the file is no longer ours; true: it has.
  // Agents that are here stay.
  result<bool, std::string> look_after();

  // Something may be different: agents hear of it on the next turn of the loop (changed), or now (tell). Of fewer
  // servers alive they hear within 250 ms: some come and go many times a second.
  void changed();
  void tell();

  // Called on a later turn of the loop when roles() may be another.
  void when_roles_change(std::function<void()> call);

  // Of all agents, in order of their coming; none when no agent is there.
  std::optional<std::vector<role_change>> roles() const;
  bool holds_addresses() const;  // some agent says that it is active

  // Listens no more and hangs up, on behalf of the workers, too.
  void stop();

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace holdfast
