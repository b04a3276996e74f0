#include "penlog/balancer_lines.h"

#include <functional>

namespace holdfast {

namespace {

constexpr std::size_t indexed = 64;                  // bytes of a request: balancers cut them, Pen at 99
constexpr std::size_t cut_from = 90;                 // bytes; a shorter request is whole
constexpr duration grace = std::chrono::seconds(2);  // that a web server's line may need, once its request has ended

std::string connection_key(const std::string& server, const log_source& source) {
  return server + ' ' + endpoint{source.host, source.port, {}}.text();
}

// Long, and without "HTTP/1.1" at its end.
bool is_cut(std::string_view request) {
  const auto blank = request.rfind(' ');
  return request.size() >= cut_from && (blank == request.npos || !request.substr(blank + 1).starts_with("HTTP/"));
}

bool is_same_request(std::string_view told, std::string_view logged) {
  return told == logged || (is_cut(told) && logged.starts_with(told));
}

}  // namespace

web_request request_of(const web_line& line, std::string_view sender) {
  return {.server = server_text(line.server.empty() ? sender : line.server),
          .text = unescaped(line.request),
          .source = read_log_source(line.host)};
}

std::string server_text(std::string_view server) {
  const auto known = address::parse(server);
  return known ? known->text() : std::string(server);
}

std::uint64_t request_key(std::string_view server, std::string_view request) {
  constexpr std::hash<std::string_view> hash;
  return hash(server) * 31 + hash(request.substr(0, indexed));
}

balancer_lines::balancer_lines(std::size_t most) : most_(most) {}

std::uint64_t balancer_lines::add(const balancer_line& told, instant now) {
  if (lines_.size() >= most_ && !lines_.empty()) erase(lines_.begin());
  const auto made =
      lines_.insert(lines_.end(), {.what = {server_text(told.server), unescaped(told.request), told.source},
                                   .client = std::string(told.client),
                                   .told = now,
                                   .superseded = {},
                                   .place = {}});
  const std::uint64_t key = request_key(made->what.server, made->what.text);
  made->place = by_request_.emplace(key, made);
  if (made->what.source && made->what.source->port != 0) continue_connection(made);
  return key;
}

// The server has answered what this connection has asked before.
void balancer_lines::continue_connection(line_list::iterator which) {
  std::string key = connection_key(which->what.server, *which->what.source);
  const auto found = by_source_.find(key);
  if (found == by_source_.end()) {
    if (connections_.size() >= most_ && !connections_.empty()) {
      by_source_.erase(connections_.front().key);
      connections_.pop_front();
    }
    const auto made = connections_.insert(connections_.end(), {key, which->client, which});
    by_source_.emplace(std::move(key), made);
    return;
  }
  connection& known = *found->second;
  connections_.splice(connections_.end(), connections_, found->second);
  if (known.newest != lines_.end()) {
    if (known.client == which->client)
      known.newest->superseded = which->told;
    else
      erase(known.newest);  // another connection has the port now
  }
  known.client = which->client;
  known.newest = which;
}

void balancer_lines::erase(line_list::iterator which) {
  if (which->what.source && which->what.source->port != 0) {
    const auto found = by_source_.find(connection_key(which->what.server, *which->what.source));
    if (found != by_source_.end() && found->second->newest == which) found->second->newest = lines_.end();
  }
  by_request_.erase(which->place);
  lines_.erase(which);
}

bool balancer_lines::fits(const line& l, const web_request& what, match how) {
  if (l.what.server != what.server || !is_same_request(l.what.text, what.text)) return false;
  if (!l.what.source || !what.source) return true;
  const bool ports = l.what.source->port != 0 && what.source->port != 0;
  if (ports && l.what.source->port != what.source->port) return false;
  return l.what.source->host == what.source->host || (!ports && how == match::any);
}

std::optional<std::string> balancer_lines::take(const web_request& what, instant now, match how, const range& when) {
  auto [at, end] = by_request_.equal_range(request_key(what.server, what.text));
  auto found = lines_.end();
  for (std::size_t looked_at = 0; at != end && looked_at < most_candidates; ++looked_at) {
    const auto which = (at++)->second;
    if (which->superseded && now - *which->superseded > grace) {
      erase(which);  // the server has answered it long ago, and its line has not come
      continue;
    }
    if (which->told < when.from || which->told > when.to || !fits(*which, what, how)) continue;
    found = which;
    if (!when.newest) break;
  }
  if (found == lines_.end()) return std::nullopt;
  std::string client = std::move(found->client);
  erase(found);
  return client;
}

std::optional<std::string> balancer_lines::client_of(const web_request& what) const {
  if (!what.source || what.source->port == 0) return std::nullopt;
  const auto found = by_source_.find(connection_key(what.server, *what.source));
  if (found == by_source_.end()) return std::nullopt;
  return found->second->client;
}

void balancer_lines::forget_before(instant when) {
  while (!lines_.empty() && lines_.front().told < when) erase(lines_.begin());
}

}  // namespace holdfast
