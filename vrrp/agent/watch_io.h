// The agent's end of the link to the balancer: keeps a connection, reads what the balancer says, says which role each
// group has. Judges nothing: vrrp/election/track.h does. One thread: the io_context's.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/vocabulary.h"
#include "vrrp/election/track.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

class watch {
 public:
  // path: of the balancer's agent_socket_name. Calls there from the loop's next turn on, and while nobody answers again
  // after 20 ms, then later and later up to 200 ms. heard: called with attached, beat, condition, look, ended or
  // unreachable, in the order of their coming; it must not end the watch. A beat or condition costs no allocation.
  watch(boost::asio::io_context& io, std::string path, std::function<void(const track::event&)> heard);
  ~watch();  // hangs up
  watch(const watch&) = delete;
  watch& operator=(const watch&) = delete;

  // Reads what has come: before somebody judges a silence, above all when the loop woke late.
  void drain();

  // Remembered, and said to every balancer that is there now or comes later. `gone` ends the group. A name as
  // vocabulary.h wants it; as many as there are groups.
  void say(const role_change& r);

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace holdfast
