#include "cli/configuration/cluster_endpoints.h"

#include "cli/language/words.h"

namespace holdfast {

namespace {

constexpr duration said_again_after = 10min;
constexpr duration remembered = 10s;  // such a caller tries again each second

}  // namespace

cluster_endpoints endpoints_of(const settings& s, const std::string& node, std::uint16_t above) {
  cluster_endpoints made;
  bool listed = false;
  for (const node_settings& n : s.nodes) {
    const auto host = address::parse(n.where.host);
    const auto port = parse_port(n.where.port);
    const bool good = host && port && *port < 65535;
    if (!good) made.trouble = "node " + n.name + ": expected an address, not a name, and a port below 65535";
    const endpoint where = good ? endpoint{*host, static_cast<std::uint16_t>(*port + above), ""} : endpoint();
    listed |= n.name == node;
    if (n.name == node) {
      made.listen = where;
    } else if (good) {
      made.others.emplace_back(n.name, where);
    }
  }
  if (s.nodes.size() > 1 && s.cluster_key.empty()) made.trouble = "expected `cluster key FILE`";
  if (!s.nodes.empty() && !listed) made.trouble = node + " is none of the nodes: expected --node NAME, or its line";
  return made;
}

std::optional<namesakes::refusal> namesakes::hear(const address& caller, bool connected, instant now) {
  if (!connected || caller == at_ || caller == from_) return std::nullopt;
  std::string why = "a second node calls itself " + name_ + ": " + caller.text() + ", beside " + from_.text();
  const bool is_news = why != second_ || now - *said_at_ >= said_again_after;
  if (is_news) said_at_ = now;
  heard_at_ = now;
  second_ = why;
  return refusal{std::move(why), is_news};
}

std::string namesakes::trouble(instant now) const {
  return heard_at_ && now - *heard_at_ < remembered ? second_ : std::string();
}

}  // namespace holdfast
