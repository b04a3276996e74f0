#include "penlog/pairing.h"

#include <algorithm>

namespace holdfast {

std::optional<penlog_error> pairing::hear(std::string_view lines, std::string_view sender, instant now) {
  std::optional<penlog_error> wrong;
  do {
    const std::string_view text = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(text.size() + 1, lines.size()));
    const auto line = read_penlog_line(text);
    if (line) {
      std::visit([&](const auto& what) { heard(what, sender, now); }, *line);
    } else {
      ++seen_.refused;
      wrong = line.error();
    }
  } while (!lines.empty());
  return wrong;
}

void pairing::heard(const balancer_line& line, std::string_view, instant now) {
  ++seen_.balancer_lines;
  const std::uint64_t key = told_.add(line, now);
  auto [at, end] = by_request_.equal_range(key);
  for (std::size_t looked_at = 0; at != end && looked_at < most_candidates; ++at, ++looked_at) {
    waiting& w = lines_[at->second - first_];
    w.client = told_.take(w.what, now, balancer_lines::match::exact);
    if (!w.client) continue;
    w.place.reset();
    by_request_.erase(at);
    return;
  }
}

void pairing::heard(const web_line& line, std::string_view sender, instant now) {
  ++seen_.web_lines;
  waiting w{.text = std::string(line.text),
            .host_size = line.host.size(),
            .what = request_of(line, sender),
            .until = now + limits_.patience,
            .client = {},
            .place = {}};
  w.client = told_.take(w.what, now, balancer_lines::match::exact);
  if (!w.client) w.place = by_request_.emplace(request_key(w.what.server, w.what.text), first_ + lines_.size());
  bytes_ += cost_of(w);
  lines_.push_back(std::move(w));
}

void pairing::write_first(std::string& out, instant now) {
  waiting& w = lines_.front();
  if (w.place) {
    w.client = told_.take(w.what, now, balancer_lines::match::any);
    if (!w.client) w.client = told_.client_of(w.what);
    by_request_.erase(*w.place);
  }
  ++(w.client ? seen_.named : seen_.unnamed);
  append_merged(out, w.text, w.host_size, w.client ? &*w.client : nullptr);
  bytes_ -= cost_of(w);
  lines_.pop_front();
  ++first_;
}

void pairing::take(std::string& out, instant now) {
  while (!lines_.empty() && (lines_.front().client || lines_.front().until <= now || bytes_ > limits_.waiting))
    write_first(out, now);
}

void pairing::take_all(std::string& out, instant now) {
  while (!lines_.empty()) write_first(out, now);
}

std::optional<instant> pairing::deadline() const {
  if (lines_.empty()) return std::nullopt;
  return lines_.front().until;
}

}  // namespace holdfast
