#include "vrrp/election/history.h"

#include <boost/json.hpp>

#include <algorithm>

#include "base/vocabulary.h"

namespace holdfast {

namespace {

std::string text_at(const boost::json::object& o, std::string_view key) {
  const auto* found = o.if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::int64_t number_at(const boost::json::object& o, std::string_view key) {
  const auto* found = o.if_contains(key);
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

}  // namespace

std::string print_event(const event_record& e) {
  using std::chrono::milliseconds;
  boost::json::object o;
  o["time_ms"] = std::chrono::duration_cast<milliseconds>(e.when.time_since_epoch()).count();
  o["monotonic_ms"] = std::chrono::duration_cast<milliseconds>(e.monotonic).count();
  o["group"] = e.group;
  if (!e.to.empty()) {
    o["from"] = e.from;
    o["to"] = e.to;
  }
  o["why"] = e.why.substr(0, longest_event / 2);
  return boost::json::serialize(o) + '\n';
}

std::optional<event_record> parse_event(std::string_view line) {
  if (line.size() > 2 * longest_event) return std::nullopt;
  boost::system::error_code failed;
  const auto value = boost::json::parse(boost::json::string_view(line.data(), line.size()), failed);
  if (failed || !value.is_object()) return std::nullopt;
  const auto& o = value.get_object();
  if (!o.contains("time_ms") || !o.contains("why")) return std::nullopt;
  return event_record{.when = wall_time(std::chrono::milliseconds(number_at(o, "time_ms"))),
                      .monotonic = std::chrono::milliseconds(number_at(o, "monotonic_ms")),
                      .group = text_at(o, "group"),
                      .from = text_at(o, "from"),
                      .to = text_at(o, "to"),
                      .why = text_at(o, "why")};
}

void history::add(event_record e) {
  if (events_.size() == limit) events_.pop_front();
  events_.push_back(std::move(e));
}

void history::load(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto e = parse_event(text.substr(0, end))) add(std::move(*e));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// Times of the machine's life before are not earlier than those of this one: they end where the order does.
std::vector<duration> history::activations(std::string_view group, duration now) const {
  std::vector<duration> found;
  for (auto e = events_.rbegin(); e != events_.rend() && e->monotonic <= now; ++e) {
    now = e->monotonic;
    if (e->group == group && e->to == name_of(role::active)) found.push_back(e->monotonic);
  }
  std::reverse(found.begin(), found.end());
  return found;
}

std::string history::text() const {
  std::string out;
  for (const event_record& e : events_) out += print_event(e);
  return out;
}

}  // namespace holdfast
