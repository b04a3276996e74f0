// The terminal as a full-screen program needs it: keys and signals become events, and it is given back as it was.
#pragma once

#include <signal.h>
#include <termios.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "base/descriptor_io.h"
#include "cli/screen/screen.h"

namespace holdfast {

bool is_terminal(int descriptor);

// Size of the terminal behind standard output; 0 x 0 if there is none.
screen_size terminal_size();

// While it lives, standard input and output are a full screen of our own (the alternate one). One at a time. It blocks
// the signals that end, stop or resize us and reports them, so that the terminal is always given back.
class full_screen {
 public:
  enum class event : std::uint8_t { time, redraw, quit };

  full_screen();
  ~full_screen();
  full_screen(const full_screen&) = delete;
  full_screen& operator=(const full_screen&) = delete;

  void show(const std::string& text) const;  // lines parted by '\n', none wider than the terminal

  // What comes first: the time passes, a resize (or a return from being stopped), `q` or a signal that ends us.
  event wait(std::chrono::milliseconds time);

 private:
  void enter() const;
  void leave() const;
  event signalled();
  event typed();

  descriptor signals_;
  sigset_t blocked_before_{};
  termios before_{};
  bool keys_ = true;  // standard input is open
};

}  // namespace holdfast
