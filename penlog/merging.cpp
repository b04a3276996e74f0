#include "penlog/merging.h"

#include <algorithm>

namespace holdfast {

namespace {

using match = balancer_lines::match;

constexpr duration near = std::chrono::seconds(1);
// Here no line is too old for its connection: the clocks may differ.
constexpr instant no_clock{};

instant instant_of(std::chrono::sys_seconds time) { return instant(time.time_since_epoch()); }

std::size_t cost_of(std::string_view text) { return 256 + text.size(); }

}  // namespace

void merging::told(const balancer_line& line) { told_.add(line, instant_of(line.time)); }

// The oldest of those told in the same moment. Whoever finds none there waits for what is left over.
void merging::logged(const web_line& line, std::string_view server, std::chrono::sys_seconds time) {
  newest_ = instant_of(time);
  waiting w{.text = std::string(line.text),
            .host_size = line.host.size(),
            .what = request_of(line, server),
            .client = {},
            .connected = {},
            .logged = newest_};
  w.client = told_.take(*w.what, no_clock, match::exact, {.from = newest_ - near, .to = newest_ + near});
  if (!w.client) w.connected = told_.client_of(*w.what);
  add(std::move(w));
}

void merging::logged_unreadably(std::string_view line) {
  add({.text = std::string(line), .host_size = 0, .what = {}, .client = {}, .connected = {}, .logged = newest_});
}

void merging::add(waiting w) {
  bytes_ += cost_of(w.text);
  lines_.push_back(std::move(w));
}

std::optional<std::string> merging::last_resort(const waiting& w) {
  const duration jitter = limits_.jitter;
  const balancer_lines::range before{
      .from = w.logged - jitter, .to = w.logged + std::min(near, jitter), .newest = true};
  const balancer_lines::range after{.from = w.logged, .to = w.logged + jitter};
  for (const match how : {match::exact, match::any}) {
    for (const auto& when : {before, after}) {
      if (auto client = told_.take(*w.what, no_clock, how, when)) return client;
    }
  }
  return w.connected;
}

void merging::write_first(std::string& out) {
  waiting& w = lines_.front();
  if (!w.client && w.what) w.client = last_resort(w);
  ++(w.client ? named_ : unnamed_);
  append_merged(out, w.text, w.host_size, w.client ? &*w.client : nullptr);
  bytes_ -= cost_of(w.text);
  lines_.pop_front();
}

void merging::take(std::string& out, std::chrono::sys_seconds now) {
  const instant last = instant_of(now) - limits_.jitter;
  while (!lines_.empty()) {
    const waiting& w = lines_.front();
    if (!w.client && w.what && w.logged > last && bytes_ <= limits_.waiting) break;
    write_first(out);
  }
  told_.forget_before((lines_.empty() ? instant_of(now) : lines_.front().logged) - limits_.jitter);
}

void merging::take_all(std::string& out) {
  while (!lines_.empty()) write_first(out);
}

}  // namespace holdfast
