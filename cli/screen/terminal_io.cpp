#include "cli/screen/terminal_io.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace holdfast {

namespace {

constexpr const char* enter_alternate = "\x1b[?1049h\x1b[?25l";  // and hide the cursor
constexpr const char* leave_alternate = "\x1b[?25h\x1b[?1049l";
constexpr const char* home = "\x1b[H";
constexpr const char* end_of_line = "\x1b[K\r\n";
constexpr const char* clear_rest = "\x1b[K\x1b[J";

void put(std::string_view text) {
  while (!text.empty()) {
    const ssize_t bytes = ::write(STDOUT_FILENO, text.data(), text.size());
    if (bytes < 0) return;  // the terminal has gone; its SIGHUP ends us
    text.remove_prefix(static_cast<std::size_t>(bytes));
  }
}

}  // namespace

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

screen_size terminal_size() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {0, 0};
  return {size.ws_col, size.ws_row};
}

full_screen::full_screen() {
  sigset_t ours;
  sigemptyset(&ours);
  for (const int s : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH}) sigaddset(&ours, s);
  sigprocmask(SIG_BLOCK, &ours, &blocked_before_);
  signals_.reset(::signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK));
  tcgetattr(STDIN_FILENO, &before_);
  enter();
}

full_screen::~full_screen() {
  leave();
  sigprocmask(SIG_SETMASK, &blocked_before_, nullptr);
}

void full_screen::enter() const {
  termios silent = before_;
  silent.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  tcsetattr(STDIN_FILENO, TCSANOW, &silent);
  put(enter_alternate);
}

void full_screen::leave() const {
  put(leave_alternate);
  tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

void full_screen::show(const std::string& text) const {
  std::string out = home;
  for (const char c : text) {
    if (c == '\n') {
      out += end_of_line;
    } else {
      out += c;
    }
  }
  put(out + clear_rest);
}

full_screen::event full_screen::wait(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd sources[] = {{signals_.get(), POLLIN, 0}, {keys_ ? STDIN_FILENO : -1, POLLIN, 0}};
    const int n = ::poll(sources, 2, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (n == 0) return event::time;
    event what = event::time;
    if (sources[0].revents != 0) what = signalled();
    if (sources[1].revents != 0 && what == event::time) what = typed();
    if (what != event::time) return what;
  }
}

full_screen::event full_screen::signalled() {
  signalfd_siginfo which{};
  if (::read(signals_.get(), &which, sizeof which) != static_cast<ssize_t>(sizeof which)) return event::time;
  if (which.ssi_signo == SIGWINCH) return event::redraw;
  if (which.ssi_signo != SIGTSTP) return event::quit;
  leave();
  ::raise(SIGSTOP);
  enter();  // somebody has continued us
  return event::redraw;
}

full_screen::event full_screen::typed() {
  char keys[64];
  const ssize_t bytes = ::read(STDIN_FILENO, keys, sizeof keys);
  keys_ = bytes > 0;
  return keys_ && std::find(keys, keys + bytes, 'q') != keys + bytes ? event::quit : event::time;
}

}  // namespace holdfast
