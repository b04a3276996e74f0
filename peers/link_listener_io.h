// Takes the calls of other nodes: TCP, TLS with the cluster's key, and one message, which must be a hello of its
// protocol; what it says is somebody else's. One thread: the io_context's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "base/tls/secure_stream_io.h"

namespace holdfast {

struct link_listener_callbacks {
  // Somebody with the key, and its first message (valid during the call). Not started again: that is up to the owner.
  std::function<void(secure_stream stream, const endpoint& from, std::span<const std::uint8_t> first)> called;
  std::function<void(const endpoint& from, const std::string& why)> turned_away;  // before it had said anything
};

class link_listener {
 public:
  // At most 16 who have the key and haven't said their name are kept; one more takes the place of the oldest.
  link_listener(boost::asio::io_context& io, const tls_context& context, const stream_options& options,
                link_listener_callbacks callbacks);

  // See secure_listener.
  result<endpoint, std::string> listen(const endpoint& where) { return door_.listen(where); }
  void stop();  // and closes on all who haven't said their name

 private:
  void greet(secure_stream stream, const endpoint& from);

  link_listener_callbacks tell_;
  std::map<std::uint64_t, secure_stream> callers_;  // whose names aren't known yet, the oldest first
  std::uint64_t next_caller_ = 0;
  secure_listener door_;
};

}  // namespace holdfast
