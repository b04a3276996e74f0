// penlogd: hears of requests from balancers and from web servers, and writes one log with the clients in it.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/log/log_outlet_io.h"
#include "base/log/once_a_minute.h"
#include "base/log/penlogd_outlet_io.h"
#include "base/log/program_log_io.h"
#include "base/log_io.h"
#include "base/loop/drive_io.h"
#include "base/process_io.h"
#include "base/tls/cluster_key_io.h"
#include "cli/language/words.h"
#include "cli/options/log_options.h"
#include "cli/options/version.h"
#include "penlog/log_doors_io.h"
#include "penlog/log_host_io.h"
#include "penlog/pairing.h"

namespace holdfast {
namespace {

constexpr std::size_t piece = 256 << 10;         // bytes that the writer gets at once
constexpr std::size_t most_unwritten = 8 << 20;  // bytes; what is more is lost
constexpr duration pause_for_writer = std::chrono::milliseconds(5);
constexpr duration last_patience = std::chrono::seconds(1);

result<line_writer::outlet, std::string> open_log(const std::string& file) {
  if (file.empty()) return outlet_to_standard_output();
  return outlet_to_file(file, 0644);
}

class consolidation {
 public:
  consolidation(boost::asio::io_context& io, const penlogd_options& said)
      : io_(io),
        said_(said),
        lines_({.lines = said.lines, .patience = said.patience}),
        doors_(io, [this](std::string_view lines, std::string_view sender) { hear(lines, sender); }),
        due_(io, [this] { write(); }),
        signals_(io, SIGHUP, SIGTERM, SIGINT) {
    signals_.add(SIGUSR1);
  }

  log_doors& doors() { return doors_; }
  void start(line_writer::outlet to) {
    writer_.turn_to(std::move(to));
    await_signal();
  }

 private:
  void hear(std::string_view lines, std::string_view sender) {
    const instant now = coarse_now();
    if (const auto wrong = lines_.hear(lines, sender, now)) {
      const std::string line = "line=refused from=" + std::string(sender) + " why=\"" + describe(*wrong) + '"';
      if (const auto say = refusals_.say(line, now)) log::warn("{}", *say);
    }
    if (!ringing_) due_.set(now);  // once all is heard that is there
    ringing_ = true;
  }

  // Gives the writer what is decided. Nobody is heard while it has no room.
  void write() {
    ringing_ = false;
    const instant now = monotonic_now();
    lines_.take(unwritten_, now);
    give();
    if (unwritten_.empty()) {
      doors_.resume();
      due_.set(lines_.deadline());
      return;
    }
    doors_.pause();
    due_.set(now + pause_for_writer);
    if (unwritten_.size() > most_unwritten) drop();
  }

  void give() {
    std::size_t at = 0;
    while (at < unwritten_.size()) {
      const std::size_t end = std::min(at + piece, unwritten_.size());
      const std::size_t size = unwritten_.rfind('\n', end - 1) + 1 - at;
      if (!writer_.has_room(size)) break;
      writer_.push(std::string_view(unwritten_).substr(at, size));
      at += size;
    }
    unwritten_.erase(0, at);
    report_loss();
  }

  void drop() {
    dropped_ += static_cast<std::uint64_t>(std::count(unwritten_.begin(), unwritten_.end(), '\n'));
    unwritten_.clear();
    report_loss();
  }

  void report_loss() {
    const std::uint64_t all = lost();
    if (all == reported_) return;
    const std::string line = "log=lost lines=" + std::to_string(all - reported_) + " why=\"it is not written in time\"";
    if (const auto say = losses_.say(line, monotonic_now())) {
      reported_ = all;
      log::error("{}", *say);
    }
  }

  std::uint64_t lost() const { return writer_.lost() + dropped_; }

  void await_signal() {
    signals_.async_wait([this](boost::system::error_code cancelled, int number) {
      if (cancelled) return;
      if (number == SIGTERM || number == SIGINT) return end();
      if (number == SIGHUP) reopen();
      if (number == SIGUSR1) report();
      await_signal();
    });
  }

  void reopen() {
    write();
    if (said_.log_file.empty()) return;
    auto again = open_log(said_.log_file);
    if (again)
      writer_.turn_to(std::move(*again));
    else
      log::error("log=failed why=\"{}\"", again.error());
  }

  void report() const {
    const auto& seen = lines_.seen();
    log::info("balancer_lines={} web_lines={} named={} unnamed={} refused={} dropped={} lost={}", seen.balancer_lines,
              seen.web_lines, seen.named, seen.unnamed, seen.refused, doors_.dropped(), lost());
  }

  void end() {
    doors_.take_rest();
    lines_.take_all(unwritten_, monotonic_now());
    const instant until = monotonic_now() + last_patience;
    for (give(); !unwritten_.empty() && monotonic_now() < until; give()) io_.run_one_for(pause_for_writer);
    if (!unwritten_.empty()) drop();
    report();
    io_.stop();
  }

  boost::asio::io_context& io_;
  const penlogd_options& said_;
  pairing lines_;
  std::string unwritten_;
  line_writer writer_;
  log_doors doors_;
  alarm due_;
  boost::asio::signal_set signals_;
  once_a_minute refusals_, losses_;
  std::uint64_t dropped_ = 0, reported_ = 0;
  bool ringing_ = false;
};

void open_doors(log_doors& doors, const penlogd_options& said) {
  const auto insist = [](const auto& done) {
    if (!done) throw std::runtime_error(done.error());
  };
  if (!said.port.empty()) {
    const auto where = find_log_host(said.address, said.port);
    insist(where);
    insist(doors.open_udp(*where));
  }
  if (!said.socket.empty()) insist(doors.open_local(said.socket));
  if (said.tls.empty()) return;
  const auto written = tcp_word::read(said.tls);
  const auto where = find_log_host(written->host, written->port);
  insist(where);
  auto keys = load_cluster_keys(said.key, said.next_key);
  insist(keys);
  insist(doors.open_tls(*where, tls_context(std::move(*keys), log_label)));
}

int serve(const penlogd_options& said) {
  background parent;
  if (!said.foreground) parent.leave_foreground();
  const program_log lines(said.foreground ? program_log::place::standard_error : program_log::place::syslog, "penlogd");
  program_log::set_level(said.debug ? 1 : 0);
  std::signal(SIGPIPE, SIG_IGN);
  boost::asio::io_context io{1};
  consolidation serving(io, said);
  open_doors(serving.doors(), said);
  confine(said.user, said.chroot);
  auto log = open_log(said.log_file);
  if (!log) throw std::runtime_error(log.error());
  const pid_file written(said.pid_file);
  serving.start(std::move(*log));
  parent.ready();
  io.run();
  return 0;
}

int run(const std::vector<std::string>& arguments) {
  const auto said = parse_penlogd_options(arguments);
  if (!said) {  // with Pen's status
    std::fprintf(stderr, "penlogd: %s\n%s", said.error().c_str(), penlogd_options_help().c_str());
    return 0;
  }
  if (said->help) return std::fputs(penlogd_options_help().c_str(), stdout) < 0 ? 1 : 0;
  if (said->version) return std::fputs(version_text("penlogd (Holdfast)").c_str(), stdout) < 0 ? 1 : 0;
  return serve(*said);
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  try {
    return holdfast::run({argv + 1, argv + argc});
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "penlogd: %s\n", failed.what());
    return 1;
  }
}
