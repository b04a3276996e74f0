#include "balancer/engine/access_lines_io.h"

#include "balancer/sockets/socket_io.h"
#include "base/clock_io.h"

namespace holdfast {

namespace {

std::string own_end_text(int socket) {
  const endpoint own = own_end(socket);
  return own.port == 0 ? "" : own.text();
}

}  // namespace

void access_lines::set(access_logging how) {
  flush();
  how_ = how;
}

bool access_lines::request(const address& client, const server& to, int to_server, requests_said& said,
                           std::string_view piece) {
  if (!how_.on || !said.text) return false;
  if (!said.begun) {
    if (const auto whole = plain_request_line(piece)) {
      log(client, to, to_server, said, *whole);
      return false;
    }
    line_.clear();
  }
  request_line& line = said.begun ? *said.begun : line_;
  if (!line.feed(piece)) {
    if (!said.begun) said.begun = std::make_unique<request_line>(line_);
    return true;
  }
  said.text = line.is_text();
  log(client, to, to_server, said, line.text());
  said.begun.reset();
  return false;
}

void access_lines::request_ends(const address& client, const server& to, int to_server, requests_said& said) {
  if (said.begun && how_.on) {
    said.text = said.begun->is_text();
    log(client, to, to_server, said, said.begun->text());
  }
  said.begun.reset();
}

void access_lines::log(const address& client, const server& to, int to_server, requests_said& said,
                       std::string_view line) {
  if (++said.count == 1 && how_.format == log_format::json) said.first = line;
  if (how_.format == log_format::json) return;
  std::string from;
  if (how_.format == log_format::paired) from = own_end_text(to_server);
  append_request(lines_, {.when = second(), .client = client, .server = to.where, .line = line, .from = from});
  added();
}

// By the clock, as text, which is made once a second.
std::string_view access_lines::second() {
  const std::time_t now = std::chrono::system_clock::to_time_t(coarse_wall_now());
  if (now != second_) second_text_ = std::to_string(second_ = now);
  return second_text_;
}

void access_lines::closed(const pool& p, closed_event e) {
  if (!how_.on || how_.format != log_format::json) return;
  e.when = wall_now();
  e.service = p.policy.name;
  append_closed(lines_, e);
  added();
}

void access_lines::added() {
  if (count_++ == 0) since_ = context_.now;
  if (lines_.size() >= bundle) flush();
}

void access_lines::flush() {
  if (count_ == 0) return;
  worker_report told = log_lines{std::move(lines_)};
  if (!context_.report(told)) context_.live.lost_log_lines.fetch_add(count_, std::memory_order_relaxed);
  lines_ = {};
  lines_.reserve(bundle + max_request_line);
  count_ = 0;
}

std::optional<instant> access_lines::due() const {
  if (count_ == 0) return std::nullopt;
  return since_ + patience;
}

}  // namespace holdfast
