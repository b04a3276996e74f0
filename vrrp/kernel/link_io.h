// Watches interfaces and addresses: what is there, and what changes. Decides nothing. All calls come on the
// io_context's thread.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "base/result.h"
#include "vrrp/front/link_facts.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

class link_watch {
 public:
  // What may be heard. A change may be told twice, and one that was undone at once may not be told.
  struct listener {
    std::function<void(const link_state&)> link_changed;  // also when it is new
    std::function<void(int index)> link_gone;
    std::function<void(const address_state&)> address_added;  // also when renewed, or when its flags have changed
    std::function<void(const address_state&)> address_removed;
    // Everything that is there; what was told before is void. First at start(), later when the kernel had more to say
    // than we read in time.
    std::function<void(std::span<const link_state>, std::span<const address_state>)> resync;
    std::function<void()> settled = [] {};  // all of it that was waiting has been told
  };

  // Watches the network namespace of the calling thread. Throws std::runtime_error when the system gives no socket.
  link_watch(boost::asio::io_context& io, listener told);
  ~link_watch();  // says nothing more; may happen inside a call
  link_watch(const link_watch&) = delete;
  link_watch& operator=(const link_watch&) = delete;

  // Tells what is there, before it returns, and from then on what changes. The error is a sentence.
  result<void, std::string> start();

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace holdfast
