#include "balancer/dummy/dummy_io.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>

namespace holdfast {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr int share = 16;  // reads of a client in a turn

bool starts_with_word(std::string_view text, std::string_view lower_case) {
  if (text.size() < lower_case.size()) return false;
  for (std::size_t i = 0; i < lower_case.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower_case[i]) return false;
  }
  return true;
}

// The value of a header field (its name in lower case), without the blanks before it; "" when there is none.
std::string_view field(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find('\n'); at != head.npos; at = head.find('\n', at + 1)) {
    const std::string_view line = head.substr(at + 1, head.find('\r', at) - at - 1);
    if (!starts_with_word(line, name) || line.size() <= name.size() || line[name.size()] != ':') continue;
    const std::size_t value = line.find_first_not_of(' ', name.size() + 1);
    return value == line.npos ? std::string_view() : line.substr(value);
  }
  return {};
}

std::string reply(std::string_view status, std::string_view body, bool with_body, bool last) {
  std::string out = "HTTP/1.1 ";
  out.append(status).append("\r\nContent-Type: text/plain\r\nContent-Length: ").append(std::to_string(body.size()));
  out.append(last ? "\r\nConnection: close\r\n\r\n" : "\r\nConnection: keep-alive\r\n\r\n");
  if (with_body) out.append(body);
  return out;
}

}  // namespace

void dummy_site::admit(descriptor client, const endpoint& from, const endpoint& listener, pool_use& use) {
  const std::uint32_t number = all_.make(use);
  session& s = *all_.find(number);
  bench_.known.begin(use);
  bench_.client_came();
  use.what->live->accepted.fetch_add(1, relaxed);
  s.body = "server " + listener.text() + " client " + from.text() + "\n";
  s.fd = std::move(client);
  s.stamp = bench_.next_stamp();
  const ticket whose{.kind = watched::dummy, .slot = number, .stamp = s.stamp};
  if (!bench_.sockets.watch(s.fd.get(), whose)) end(number, s);
}

void dummy_site::ready(const readiness& r) {
  session* s = all_.find(r.whose.slot);
  if (s == nullptr || !s->fd || s->stamp != r.whose.stamp) return;
  if (r.failed) return end(r.whose.slot, *s);
  serve(r.whose.slot, *s, r.readable);
}

void dummy_site::serve(std::uint32_t number, session& s, bool readable) {
  bool more = false;
  if (!answer_some(s, readable, more)) return end(number, s);
  if (more && !std::exchange(s.queued, true)) again_.push_back({watched::dummy, number, s.stamp});
}

// False when the connection is over. What could not be sent stops the reading: nobody makes us remember much.
bool dummy_site::answer_some(session& s, bool readable, bool& more) {
  if (!send(s)) return false;
  if (readable || !s.in.empty()) {
    for (int left = share; s.out.empty() && !s.last; --left) {
      more = left == 0;
      if (more) return true;
      if (!read(s)) return errno == EAGAIN;
      if (!send(s)) return false;
    }
  }
  return !s.last || !s.out.empty();
}

// Takes what is there, answers what is complete. False: nothing there (EAGAIN), or the end.
bool dummy_site::read(session& s) {
  std::array<char, max_head> chunk;
  const ssize_t count = recv(s.fd.get(), chunk.data(), chunk.size(), 0);
  if (count == 0) errno = 0;
  if (count <= 0) return false;
  s.in.append(chunk.data(), static_cast<std::size_t>(count));
  while (!s.last) {
    const std::size_t skipped = std::min<std::uint64_t>(s.skip, s.in.size());
    s.in.erase(0, skipped);
    s.skip -= skipped;
    const std::size_t end = s.in.find("\r\n\r\n");
    if (end == s.in.npos) break;
    answer(s, std::string_view(s.in).substr(0, end + 2));
    s.in.erase(0, end + 4);
  }
  if (s.in.size() > max_head && !s.last) {
    s.out += reply("431 Request Header Fields Too Large", "head of at most 8192 bytes expected\n", true, true);
    s.last = true;
  }
  return true;
}

void dummy_site::answer(session& s, std::string_view head) {
  const std::string_view first = head.substr(0, head.find('\r'));
  const std::string_view connection = field(head, "connection");
  const std::string_view length = field(head, "content-length");
  const bool old = !first.ends_with("HTTP/1.1");
  s.last = starts_with_word(connection, "close") || (old && !starts_with_word(connection, "keep-alive"));
  if (!first.ends_with("HTTP/1.1") && !first.ends_with("HTTP/1.0")) {
    s.last = true;
    s.out += reply("400 Bad Request", "a request of HTTP/1.0 or 1.1 expected\n", true, true);
    return;
  }
  std::from_chars(length.data(), length.data() + length.size(), s.skip);
  if (!field(head, "transfer-encoding").empty()) s.last = true;
  s.out += reply("200 OK", s.body, !first.starts_with("HEAD "), s.last);
}

bool dummy_site::send(session& s) {
  if (s.out.empty()) return true;
  const ssize_t count = ::send(s.fd.get(), s.out.data(), s.out.size(), MSG_NOSIGNAL);
  if (count < 0) return errno == EAGAIN;
  s.out.erase(0, static_cast<std::size_t>(count));
  return true;
}

void dummy_site::end(std::uint32_t number, session& s) {
  s.fd.reset();
  s.use->what->live->connections.fetch_sub(1, relaxed);
  bench_.client_gone();
  dead_.push_back(number);
}

void dummy_site::close_service(std::uint32_t service) { closings_.push_back({.service = service}); }
void dummy_site::close_all() { closings_.push_back({.service = std::nullopt}); }

void dummy_site::go_on() {
  time_slice time(slice);
  for (std::size_t left = again_.size(); left > 0 && !time.over(); --left) {
    const ticket whose = again_.front();
    again_.pop_front();
    session* s = all_.find(whose.slot);
    if (s == nullptr || !s->fd || s->stamp != whose.stamp) continue;
    s->queued = false;
    serve(whose.slot, *s, true);
  }
  while (!closings_.empty()) {
    closing& order = closings_.front();
    const bool through = all_.each_from(order.cursor, [&](std::uint32_t number, session& s) {
      if (s.fd && (!order.service || s.use->what->service == *order.service)) end(number, s);
      return !time.over();
    });
    if (!through) return;
    closings_.pop_front();
  }
}

void dummy_site::bury() {
  for (const std::uint32_t number : dead_) {
    bench_.known.end(*all_.find(number)->use);
    all_.drop(number);
  }
  dead_.clear();
}

}  // namespace holdfast
