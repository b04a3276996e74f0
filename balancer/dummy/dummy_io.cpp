#include "balancer/dummy/dummy_io.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace holdfast {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr int share = 16;  // reads of a client in a turn
constexpr std::string_view not_http = "a request of HTTP/1.0 or 1.1 expected\n";
constexpr std::string_view too_long = "head of at most 8192 bytes expected\n";

text_answer answer_to(const simple_request& asked, std::string_view text) {
  switch (asked.is) {
    case simple_request::verdict::good: return {"200 OK", text, asked.without_body, asked.last};
    case simple_request::verdict::not_http: return {"400 Bad Request", not_http, false, true};
    case simple_request::verdict::head_too_long: return {"431 Request Header Fields Too Large", too_long, false, true};
  }
  return {};
}

}  // namespace

void dummy_site::admit(descriptor client, const endpoint& from, const endpoint& listener, pool_use& use) {
  const std::uint32_t number = all_.make(use);
  session& s = *all_.find(number);
  context_.known.begin(use);
  context_.client_came();
  use.what->live->accepted.fetch_add(1, relaxed);
  s.text = "server " + listener.text() + " client " + from.text() + "\n";
  s.fd = std::move(client);
  s.stamp = context_.next_stamp();
  const ticket whose{.kind = kind, .slot = number, .stamp = s.stamp};
  if (!context_.sockets.watch(s.fd.get(), whose)) end(number, s);
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
  if (more && !std::exchange(s.queued, true)) again_.push_back({kind, number, s.stamp});
}

// False when the connection is over. What could not be sent stops the reading: nobody makes us remember much.
bool dummy_site::answer_some(session& s, bool readable, bool& more) {
  if (!send(s)) return false;
  if (readable) {
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
  std::array<char, request_reader::max_head> chunk;
  const ssize_t count = recv(s.fd.get(), chunk.data(), chunk.size(), 0);
  if (count == 0) errno = 0;
  if (count <= 0) return false;
  s.asked.feed({chunk.data(), static_cast<std::size_t>(count)});
  while (const auto next = s.asked.next()) {
    s.out += encode(answer_to(*next, s.text));
    s.last = next->last;
  }
  return true;
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
  context_.client_gone();
  dead_.push_back(number);
}

void dummy_site::close_service(std::uint32_t service) { closings_.push_back({.service = service}); }
void dummy_site::close_all() { closings_.push_back({.service = std::nullopt}); }

void dummy_site::turn() {
  time_slice time(slice);
  for (std::size_t left = again_.size(); left > 0 && !time.over(); --left) {
    const ticket whose = again_.front();
    again_.pop_front();
    session* s = all_.find(whose.slot);
    if (s == nullptr || !s->fd || s->stamp != whose.stamp) continue;
    s->queued = false;
    serve(whose.slot, *s, true);
  }
  close_some();
}

std::optional<instant> dummy_site::due() const {
  if (again_.empty() && closings_.empty()) return std::nullopt;
  return context_.now;
}

void dummy_site::close_some() {
  time_slice time(slice);
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

void dummy_site::reap() {
  for (const std::uint32_t number : dead_) {
    context_.known.end(*all_.find(number)->use);
    all_.drop(number);
  }
  dead_.clear();
}

}  // namespace holdfast
