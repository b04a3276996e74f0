#include "balancer/health/probe_question.h"

#include "protocols/http/http_head.h"

namespace holdfast {

std::optional<address> probe_source(const pool& of, const std::set<address>& own) {
  const auto& wanted = of.policy.source;
  return of.source_moves && !own.contains(*wanted) ? std::nullopt : wanted;
}

endpoint probe_place(const check_settings& check, endpoint at) {
  if (at.path.empty() && check.port != 0) at.port = check.port;
  return at;
}

std::string probe_request(const check_settings& check, const endpoint& at, const std::string& host) {
  const auto header = [&]() -> std::string {
    if (!check.host.empty()) return check.host;
    if (!at.path.empty()) return "localhost";
    return host_header(host.empty() ? at.host.text() : host, at.port);
  };
  return "GET " + check.path + " HTTP/1.0\r\nHost: " + header() +
         "\r\nUser-Agent: holdfast-check\r\nConnection: close\r\n\r\n";
}

std::string objection_to_status(const check_settings& check, std::uint16_t code) {
  if (code >= check.expect_low && code <= check.expect_high) return {};
  return "status " + std::to_string(code);
}

}  // namespace holdfast
