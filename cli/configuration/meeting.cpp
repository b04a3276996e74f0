#include "cli/configuration/meeting.h"

#include "cli/language/words.h"

namespace holdfast {

meeting meeting_of(const settings& s, const std::string& node, std::uint16_t above) {
  meeting made;
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

}  // namespace holdfast
