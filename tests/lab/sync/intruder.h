// Somebody in the place of a node: speaks TLS with a key to a balancer's sync channel, and then whatever he is told to.
// Sending waits for the kernel, so that he can send for ever. From a thread of his own.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/address.h"
#include "base/tls/stream_end.h"
#include "base/tls/tls_session_io.h"
#include "sync/entry.h"
#include "sync/message.h"
#include "tests/lab/lab.h"

namespace holdfast::lab {

class intruder {
 public:
  // Calls at once, with the key in that file. `where` outlives him.
  intruder(const host& where, const std::filesystem::path& key, const endpoint& to);
  ~intruder();
  intruder(const intruder&) = delete;
  intruder& operator=(const intruder&) = delete;

  bool opened(duration limit = 5s);  // each side has proved that it holds the key
  // Until the kernel or our own queue has taken it. False: it is over.
  bool send(const std::vector<std::uint8_t>& frame);  // up to 1 MiB
  bool say(const sync_message& what) { return send(encode(what)); }
  bool say(const std::vector<sync_entry>& entries, sync_number service, entry_kind kind);  // in as many as it takes
  void stall(duration time);  // neither reads nor sends meanwhile

  std::optional<stream_end> ended(duration limit = 5s);  // why; none: it goes on
  int heard() const { return heard_; }                   // frames

 private:
  struct wires;
  void run(const host& where, tls_context key, const endpoint& to);
  template <class F>
  auto there(F f);  // what f gives, called in his thread

  std::unique_ptr<wires> wires_;
  std::atomic<bool> opened_ = false;
  std::atomic<int> end_ = -1;  // a stream_end; -1 = none yet
  std::atomic<int> heard_ = 0;
  std::thread thread_;
};

}  // namespace holdfast::lab
