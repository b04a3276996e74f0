// Where penlogd hears lines: datagrams over UDP and a UNIX socket, and TLS of those who have the cluster's key. What
// they say is somebody else's. One thread: the io_context's.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/descriptor_io.h"
#include "base/loop/readable_io.h"
#include "base/result.h"
#include "base/tls/secure_stream_io.h"

namespace holdfast {

// Some lines, and the address of who has sent them.
using lines_heard = std::function<void(std::string_view lines, std::string_view sender)>;

// Takes up to 64 datagrams at a time.
class datagram_door {
 public:
  explicit datagram_door(descriptor bound);

  std::size_t take(const lines_heard& heard);         // how many; 0: there are no more
  int fd() const { return fd_.get(); }                // readable while there are some
  std::uint64_t dropped() const { return dropped_; }  // by the kernel, which had no room for them

 private:
  struct batch;
  descriptor fd_;
  std::shared_ptr<batch> batch_;
  std::uint64_t dropped_ = 0;
};

class log_doors {
 public:
  static constexpr std::size_t most_callers = 256;  // over TLS

  log_doors(boost::asio::io_context& io, lines_heard heard);

  // The errors are sentences. host: the unspecified IPv6 address hears IPv4, too.
  result<void, std::string> open_udp(const endpoint& where);
  result<void, std::string> open_local(const std::string& path);
  result<void, std::string> open_tls(const endpoint& where, const tls_context& keys);

  // While it is paused, datagrams wait in the kernel.
  void pause();
  void resume();
  void take_rest();  // what is there now, a second long at most
  std::uint64_t dropped() const;

 private:
  void listen(datagram_door& door);
  void greet(secure_stream stream, const endpoint& from);

  boost::asio::io_context& io_;
  lines_heard heard_;
  std::list<datagram_door> doors_;
  std::vector<std::unique_ptr<readable>> open_;  // none while it is paused
  std::optional<secure_listener> listener_;
  std::list<secure_stream> callers_;
};

}  // namespace holdfast
