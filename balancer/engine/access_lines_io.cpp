#include "balancer/engine/access_lines_io.h"

#include "balancer/sockets/socket_io.h"
#include "base/clock_io.h"

namespace holdfast {

void access_lines::set(access_logging how) {
  flush();
  how_ = how;
}

bool access_lines::request(const address& client, const server& to, int to_server, requests_said& said,
                           std::string_view piece) {
  if (!how_.on || !said.text) return false;
  if (!said.begun) line_.clear();
  request_line& line = said.begun ? *said.begun : line_;
  if (!line.feed(piece)) {
    if (!said.begun) said.begun = std::make_unique<request_line>(line_);
    return true;
  }
  log(client, to, to_server, said, line);
  said.begun.reset();
  return false;
}

void access_lines::request_ends(const address& client, const server& to, int to_server, requests_said& said) {
  if (said.begun && how_.on) log(client, to, to_server, said, *said.begun);
  said.begun.reset();
}

void access_lines::log(const address& client, const server& to, int to_server, requests_said& said,
                       const request_line& line) {
  said.text = line.is_text();
  if (++said.count == 1 && how_.format == log_format::json) said.first = line.text();
  if (how_.format == log_format::json) return;
  append_request(lines_, {.when = wall_now(),
                          .client = client,
                          .server = to.where,
                          .line = line.text(),
                          .from = how_.format == log_format::paired ? own_end(to_server) : endpoint()});
  added();
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
