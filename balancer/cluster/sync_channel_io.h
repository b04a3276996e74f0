// The sync channel of this node: a thread of its own that keeps a connection to each other node, and carries entries,
// states and orders between them and us. What is said when is decided by session; what an entry is worth, by the client
// table.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "balancer/cluster/channel_view.h"
#include "balancer/table/shared_service.h"
#include "base/loop/mailbox_io.h"
#include "base/result.h"
#include "base/tls/secret.h"
#include "sync/session.h"

namespace holdfast {

struct channel_node {
  std::string name;
  endpoint where;  // address and port at which its balancer listens
  bool operator==(const channel_node&) const = default;
};

struct channel_settings {
  std::string name;                  // of this node
  endpoint listen;                   // from which it also calls
  std::vector<channel_node> others;  // 1 to max_peers
  bool operator==(const channel_settings&) const = default;
};

// All are called on the channel's thread.
struct channel_callbacks {
  std::function<void(bool in_sync)> in_sync_changed;
  // A node is connected. connection: its number, for say_to.
  std::function<void(const std::string& node, std::uint64_t connection, const session_connected& how)> met;
  // A status, a server's state, a secret, an order; an answer to what was said to it alone.
  std::function<void(const std::string& node, const sync_message& what)> heard;
  std::function<void(const std::string& node)> lost;  // or it left
};

class sync_channel {
 public:
  // Listens and calls from here on. Throws one sentence when it can't listen. wake_ups: rung when clients have come;
  // outlives this.
  sync_channel(channel_settings settings, cluster_keys keys, bell& wake_ups, channel_callbacks callbacks);
  ~sync_channel();  // says farewell
  sync_channel(const sync_channel&) = delete;
  sync_channel& operator=(const sync_channel&) = delete;

  // All from any thread. Callbacks come on the channel's thread.
  void serve(std::vector<shared_service> all);  // in place of those before
  void confirm(bool wanted);                    // whether replies wait for a peer to know of their client
  void say(const sync_message& what);           // a status, a server's state, a secret: also to whoever connects later
  // An order, an answer: to that node alone, if that connection still is.
  void say_to(const std::string& node, std::uint64_t connection, const sync_message& what);
  // To all. done: is given each one's answer, or why there is none.
  void order(sync_order what, std::function<void(std::map<std::string, sync_answer>)> done);
  void check();  // compares the tables now
  void look(std::function<void(channel_view)> done);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace holdfast
