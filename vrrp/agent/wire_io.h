// The wire: one authenticated connection to the agent of each other node, kept up for as long as both live. What it
// tells of a peer's death arrives while adverts are still within their patience. Decides nothing: wire_peer.h does. One
// thread: the io_context's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/machine.h"
#include "base/result.h"
#include "base/tls/secret.h"
#include "vrrp/agent/wire_status.h"
#include "vrrp/election/wire_peer.h"
#include "vrrp/message/wire_message.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

struct wire_node {
  std::string name;
  endpoint where;  // address and port at which its agent listens
};

struct wire_settings {
  std::string name;                    // of this node: is_name(), and none of the others'
  endpoint listen;                     // its own address, from which it also calls, and port; "::" or "0.0.0.0" = any
  std::string software;                // for display
  std::vector<wire_node> others = {};  // at most max_nodes - 1
  wire_limits limits = {};
};

// None is called from within a call of ours, and none after the wire's end. They may end it.
struct wire_callbacks {
  std::function<void(const std::string& name, const wire_hello& hello)> connected;
  std::function<void(const std::string& name, const wire_report& report)> heard;
  // A ping, which we sent then: its newest report has that number.
  std::function<void(const std::string& name, instant asked, std::uint64_t number)> answered = {};
  std::function<void(const std::string& name)> died;  // its kernel ended the connection, without a farewell
  std::function<void(const std::string& name)> left;  // it said farewell
  std::function<void(const std::string& name, const std::string& why)> lost;  // anything else: no proof of death
  // No connection came about. who: a node we called (said again when the reason changes), or the address of a caller
  // that was turned away (each time: count them before you log them).
  std::function<void(const std::string& who, const std::string& why)> failed;
  // Beside the node of that name another calls itself so: said once, see namesakes of
  // cli/configuration/cluster_endpoints.h.
  std::function<void(const std::string& name, const std::string& why)> doubled = {};
  // Before anything is heard, answered or sent late: who has slept says now what it is since. It may say a report, no
  // more. The only one that is called from within.
  std::function<void()> look_at_clock = {};
};

class wire {
 public:
  wire(boost::asio::io_context& io, wire_settings settings, cluster_keys keys, wire_callbacks callbacks);
  ~wire();  // peers hear that a living program ends it: we are lost to them, not dead
  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;

  // Listens and calls. Gives the address and port bound; the error is a sentence. Once; without it nothing happens.
  result<endpoint, std::string> start();

  // To all, and to whoever connects later, until there is a newer one. A peer that is behind gets only the newest.
  void say(const wire_report& report);

  // Pings that node, for somebody must know now whether its agent lives; no word when it is not connected.
  void ask(const std::string& name);

  // Says to all that we leave in order, and ends all connections: the kernel has it when this returns, and delivers it
  // even if we exit then. Nothing more is said or heard.
  void farewell();

  std::vector<wire_status> status() const;  // in the order of the settings

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace holdfast
