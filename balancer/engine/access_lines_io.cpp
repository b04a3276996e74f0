#include "balancer/engine/access_lines_io.h"

#include "base/clock_io.h"

namespace holdfast {

void access_lines::set(access_logging how) {
  flush();
  how_ = how;
}

bool access_lines::request(const pool& p, const address& client, const server& to, std::unique_ptr<request_line>& begun,
                           std::string_view piece) {
  if (!how_.on) return false;
  if (!begun) line_.clear();
  request_line& line = begun ? *begun : line_;
  if (!line.feed(piece)) {
    if (!begun) begun = std::make_unique<request_line>(line_);
    return true;
  }
  log(p, client, to, line);
  begun.reset();
  return false;
}

void access_lines::request_ends(const pool& p, const address& client, const server& to,
                                std::unique_ptr<request_line>& begun) {
  if (begun && how_.on) log(p, client, to, *begun);
  begun.reset();
}

void access_lines::log(const pool& p, const address& client, const server& to, const request_line& line) {
  append_request(lines_, how_.format,
                 {.when = wall_now(),
                  .service = p.policy.name,
                  .client = client,
                  .server = to.name,
                  .server_at = to.where,
                  .line = line.text()});
  added();
}

void access_lines::closed(const pool& p, closed_event e) {
  if (!how_.on || how_.format != log_format::json) return;
  e.when = wall_now();
  e.service = p.policy.name;
  append_closed(lines_, how_.format, e);
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
