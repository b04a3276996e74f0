// penlog: reads a web server's log from standard input, and sends each line to a penlogd.
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "base/clock_io.h"
#include "base/descriptor_io.h"
#include "base/log/penlogd_outlet_io.h"
#include "base/tls/cluster_key_io.h"
#include "cli/options/log_options.h"
#include "cli/options/version.h"
#include "penlog/line_feed.h"
#include "penlog/log_host_io.h"
#include "protocols/penlog/penlog_line.h"

namespace holdfast {
namespace {

constexpr std::size_t most_bytes = 1 << 20;
constexpr duration patience = std::chrono::seconds(1);       // a web server waits no longer for its log
constexpr duration last_patience = std::chrono::seconds(5);  // for what is left at the end

int complain(const std::string& why) {
  std::fprintf(stderr, "penlog: %s\n", why.c_str());
  return 1;
}

result<line_writer::outlet, std::string> open_outlet(const penlog_options& said) {
  // A UNIX socket does not tell whose lines these are, so they say it.
  const std::string before = said.to.path.empty() || said.server.empty() ? "" : '@' + said.server + ' ';
  const line_form form = [before](std::string& out, std::string_view line) { (out += before) += line; };
  penlogd_place where{.to = {{}, 0, said.to.path}, .from = {}};
  if (!said.to.path.empty()) return outlet_to_datagrams(where, form);
  auto to = find_log_host(said.to.host, said.to.port);
  if (!to) return failure{to.error()};
  where.to = *to;
  if (!said.server.empty()) where.from = *address::parse(said.server);
  if (said.key.empty()) return outlet_to_datagrams(where, form);
  auto keys = load_cluster_keys(said.key, "");
  if (!keys) return failure{keys.error()};
  return outlet_to_tls(where, tls_context(std::move(*keys), log_label), form);
}

class pump {
 public:
  explicit pump(line_writer::outlet to) : to_(std::move(to)) {
    sigemptyset(&ends_);
    for (const int signal : {SIGTERM, SIGINT}) sigaddset(&ends_, signal);
    sigprocmask(SIG_BLOCK, &ends_, nullptr);
    signals_.reset(signalfd(-1, &ends_, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  // Until the log has ended, or a signal has come: which then ends the program once all is sent that was there.
  void run() {
    while (!ended_ || !lines_.whole().empty()) {
      if (!ended_ && lines_.has_room()) take();
      if (!lines_.whole().empty()) give();
    }
    if (lost_ > 0) complain(std::to_string(lost_) + " lines were lost");
    if (lines_.cut() > 0) complain(std::to_string(lines_.cut()) + " lines were longer than can be sent, and are cut");
  }
  int signal() const { return signal_; }
  const sigset_t& signals() const { return ends_; }

 private:
  void take() {
    std::array<pollfd, 2> fds{pollfd{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                              pollfd{.fd = signal_ == 0 ? signals_.get() : -1, .events = POLLIN, .revents = 0}};
    const bool idle = lines_.whole().empty() && signal_ == 0;
    ::poll(fds.data(), fds.size(), idle ? -1 : 0);
    signalfd_siginfo told{};
    if (fds[1].revents != 0 && ::read(signals_.get(), &told, sizeof told) == sizeof told) {
      signal_ = static_cast<int>(told.ssi_signo);
      last_read_ = monotonic_now() + patience;
    }
    if (signal_ != 0 && (fds[0].revents == 0 || monotonic_now() > last_read_)) return end();
    if (fds[0].revents == 0) return;
    const ssize_t bytes = ::read(STDIN_FILENO, piece_.data(), piece_.size());
    if (bytes == 0 || (bytes < 0 && errno != EINTR)) return end();
    if (lines_.whole().empty()) moved_ = monotonic_now();
    if (bytes > 0) lines_.feed({piece_.data(), static_cast<std::size_t>(bytes)});
  }

  void end() {
    ended_ = true;
    lines_.end();
    moved_ = monotonic_now();
  }

  void give() {
    const auto done = to_(lines_.whole());
    lines_.taken(done.bytes);
    const instant now = monotonic_now();
    if (done.error == 0 || done.bytes > 0) moved_ = now;
    const bool refused = done.error != 0 && done.error != EAGAIN;
    const bool stuck = now - moved_ > (ended_ ? last_patience : patience) && (ended_ || !lines_.has_room());
    if (!refused && !stuck) return;
    const std::uint64_t lost = lines_.drop();
    if (lost_ == 0)
      complain(refused ? std::strerror(done.error) : "lines are lost: penlogd does not take them in time");
    lost_ += lost;
  }

  line_writer::outlet to_;
  line_feed lines_{max_penlog_line, most_bytes};
  std::array<char, 65536> piece_{};
  sigset_t ends_{};
  descriptor signals_;
  int signal_ = 0;
  instant last_read_{};  // once a signal has come
  bool ended_ = false;
  std::uint64_t lost_ = 0;
  instant moved_ = monotonic_now();
};

int run(const std::vector<std::string>& arguments) {
  const auto said = parse_penlog_options(arguments);
  if (!said) return complain(said.error() + '\n' + penlog_options_help());
  if (said->help) return std::fputs(penlog_options_help().c_str(), stdout) < 0 ? 1 : 0;
  if (said->version) return std::fputs(version_text("penlog (Holdfast)").c_str(), stdout) < 0 ? 1 : 0;
  auto to = open_outlet(*said);
  if (!to) return complain(to.error());
  std::signal(SIGPIPE, SIG_IGN);
  pump lines(std::move(*to));
  lines.run();
  if (lines.signal() == 0) return 0;
  std::signal(lines.signal(), SIG_DFL);
  std::raise(lines.signal());
  sigprocmask(SIG_UNBLOCK, &lines.signals(), nullptr);
  return 0;
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  try {
    return holdfast::run({argv + 1, argv + argc});
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "penlog: %s\n", failed.what());
    return 1;
  }
}
