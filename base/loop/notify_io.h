// What a service manager such as systemd is told of a program that it has started: the protocol of sd_notify(3),
// without its library. Knows nothing of what the program does.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/descriptor_io.h"
#include "base/loop/drive_io.h"
#include "base/machine.h"

namespace holdfast {

// The manager's socket. Nothing here waits: what it has no room for is kept, a word of each kind, and goes out with the
// next word or with retry(). Without a manager all of it does nothing. One thread.
class notifier {
 public:
  notifier() = default;  // there is no manager

  // The one that NOTIFY_SOCKET names ('@' in front: an abstract name), and the watchdog of WATCHDOG_USEC if that is
  // ours. Both variables are taken out of the environment, for what we start is not the service: call it while there is
  // one thread, and before a change of the root directory. A socket that can't be reached is no manager.
  static notifier from_environment();

  bool has_manager() const { return static_cast<bool>(socket_); }
  std::optional<duration> watchdog() const { return watchdog_; }  // alive() is wanted more often than this

  void ready();
  void reloading();                 // until ready()
  void stopping(duration at_most);  // for good: neither of the two above is said any more
  void status(const std::string& sentence);
  void alive();
  void retry();

 private:
  void send();

  descriptor socket_;
  std::optional<duration> watchdog_;
  std::string stage_, status_, alive_;  // what is still to be sent
  bool stopping_ = false;
};

// Tells a manager from a loop: READY from its first turn, then a status when it has changed, and that we are alive as
// long as that is so. One thread: the io_context's.
class supervision {
 public:
  struct questions {
    std::function<std::string()> status;  // a sentence for the operator; asked every two seconds
    std::function<bool()> alive;          // has all that does the work gone on since this was last true?
  };
  supervision(boost::asio::io_context& io, notifier to, questions ask);

  // Around a reading of the configuration that has ended when `ready` is said, whatever came of it.
  void reloading() { to_.reloading(); }
  void ready() { to_.ready(); }
  void stopping(duration at_most) { to_.stopping(at_most); }

 private:
  void look();

  notifier to_;
  questions ask_;
  duration pause_;
  std::string said_;
  instant next_status_;
  bool began_ = false;
  alarm next_;
};

}  // namespace holdfast
