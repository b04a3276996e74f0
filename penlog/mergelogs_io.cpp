// mergelogs: makes one log out of those of several web servers, with the clients that a balancer's log names.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <list>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "cli/options/log_options.h"
#include "cli/options/version.h"
#include "penlog/merging.h"
#include "protocols/penlog/penlog_line.h"

namespace holdfast {
namespace {

using std::chrono::sys_seconds;

constexpr std::size_t bundle = 64 << 10;  // bytes that are written at once

void complain(const std::string& why) { std::fprintf(stderr, "mergelogs: %s\n", why.c_str()); }

// A file by lines; what is too long for one is left out, and said.
class line_file {
 public:
  explicit line_file(const std::string& path) : path_(path), in_(path), buffer_(max_penlog_line + 1) {
    if (!in_) throw std::runtime_error("can't open the log file " + path);
  }

  bool next(std::string_view& line) {
    for (;;) {
      ++number_;
      in_.getline(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
      const auto read = static_cast<std::size_t>(in_.gcount());
      if (in_.fail() && read == 0) return false;
      if (!in_.fail()) {
        line = {buffer_.data(), in_.eof() ? read : read - 1};
        return true;
      }
      in_.clear(in_.rdstate() & ~std::ios::failbit);
      in_.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
      complain(where() + describe(penlog_error::too_long) + "; it is left out");
    }
  }
  std::string where() const { return path_ + ':' + std::to_string(number_) + ": "; }

 private:
  std::string path_;
  std::ifstream in_;
  std::vector<char> buffer_;
  std::uint64_t number_ = 0;
};

// The lines of one web server, the next one at hand. What has no time leaves with its neighbours.
class web_log {
 public:
  web_log(const mergelogs_options::web_log& which, std::chrono::seconds zone)
      : server(which.server), file_(which.file), zone_(zone) {
    advance();
  }

  void advance() {
    there_ = file_.next(line_);
    if (!there_) return;
    own_ = time_of(line_, zone_);
    if (own_) latest_ = std::max(latest_, *own_);
  }
  bool there() const { return there_; }
  std::string_view line() const { return line_; }
  sys_seconds due() const { return latest_; }  // never before the line in front of it
  std::optional<sys_seconds> time() const { return own_; }

  const std::string server;

 private:
  line_file file_;
  std::chrono::seconds zone_;
  std::string_view line_;
  bool there_ = false;
  std::optional<sys_seconds> own_;
  sys_seconds latest_{};
};

class merge {
 public:
  explicit merge(const mergelogs_options& said)
      : said_(said), balancer_(said.balancer_log), lines_({.jitter = said.jitter}) {
    for (const auto& which : said.web_logs) {
      if (which.server.empty()) throw std::runtime_error(which.file + ": expected SERVER:FILE");
      logs_.emplace_back(which, said.zone);
      servers_.insert(server_text(which.server));
    }
  }

  void run() {
    for (web_log* next = nullptr; (next = first()) != nullptr; next->advance()) {
      read_balancer_until(next->due() + merging::ahead);
      const auto line = read_web_line(next->line());
      if (line && next->time())
        lines_.logged(*line, next->server, *next->time());
      else
        lines_.logged_unreadably(next->line());
      lines_.take(out_, next->due());
      if (out_.size() > bundle) write();
    }
    read_balancer_until(sys_seconds::max());
    lines_.take_all(out_);
    write();
    if (std::fflush(stdout) != 0) throw std::runtime_error("can't write to standard output");
    if (said_.debug)
      complain(std::to_string(lines_.named()) + " lines with their client, " + std::to_string(lines_.unnamed()) +
               " as they came");
  }

 private:
  web_log* first() {
    web_log* found = nullptr;
    for (web_log& log : logs_)
      if (log.there() && (found == nullptr || log.due() < found->due())) found = &log;
    return found;
  }

  void read_balancer_until(sys_seconds end) {
    while (balancer_time_ <= end) {
      std::string_view text;
      if (!balancer_.next(text)) {
        balancer_time_ = sys_seconds::max();
        return;
      }
      const auto line = read_filed_balancer_line(text);
      if (!line) {
        if (said_.debug) complain(balancer_.where() + describe(line.error()));
        continue;
      }
      balancer_time_ = line->time;
      if (servers_.contains(server_text(line->server))) lines_.told(*line);
    }
  }

  void write() {
    if (std::fwrite(out_.data(), 1, out_.size(), stdout) != out_.size())
      throw std::runtime_error("can't write to standard output");
    out_.clear();
  }

  const mergelogs_options& said_;
  line_file balancer_;
  sys_seconds balancer_time_{};  // of the line that was read last
  std::list<web_log> logs_;
  std::set<std::string> servers_;
  merging lines_;
  std::string out_;
};

int run(const std::vector<std::string>& arguments) {
  const auto said = parse_mergelogs_options(arguments);
  if (!said) {  // with Pen's status
    complain(said.error() + '\n' + mergelogs_options_help());
    return 0;
  }
  if (said->help) return std::fputs(mergelogs_options_help().c_str(), stdout) < 0 ? 1 : 0;
  if (said->version) return std::fputs(version_text("mergelogs (Holdfast)").c_str(), stdout) < 0 ? 1 : 0;
  if (said->balancer_log.empty()) throw std::runtime_error("expected -p FILE (see --help)");
  merge(*said).run();
  return 0;
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  try {
    return holdfast::run({argv + 1, argv + argc});
  } catch (const std::exception& failed) {
    holdfast::complain(failed.what());
    return 1;
  }
}
