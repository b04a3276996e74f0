#include "balancer/names/resolver.h"

#include "balancer/names/name_book.h"

namespace holdfast {

result<std::uint16_t, std::string> resolver::port_of(const std::string& text) const {
  if (text.empty()) return std::uint16_t{0};
  if (const auto number = parse_port(text, true)) return *number;
  if (const auto known = ports_ == nullptr ? std::nullopt : ports_(text)) return *known;
  return "expected a port number or service name, not '" + text + "'";
}

result<std::vector<endpoint>, std::string> resolver::find_all(const place& where) const {
  std::vector<endpoint> out;
  if (!where.path.empty()) {
    out.push_back({.host = {}, .port = 0, .path = where.path});
    return out;
  }
  const auto port = port_of(where.port);
  if (!port) return failure{port.error()};
  const auto add = [&](const address& host) { out.push_back({.host = host, .port = *port, .path = {}}); };
  if (where.host.empty()) {
    add(address::v4(0));
  } else if (const auto literal = address::parse(where.host)) {
    add(*literal);
  } else if (known_ != nullptr) {
    for (const address& host : known_->addresses(where.host)) add(host);
  }
  return out;
}

result<endpoint, std::string> resolver::find(const place& where) const {
  const auto all = find_all(where);
  if (!all) return failure{all.error()};
  if (!all->empty()) return all->front();
  return failure{"expected an address or a name that resolves: '" + where.host +
                 "' is not known yet; it is looked up, try again in a moment"};
}

}  // namespace holdfast
