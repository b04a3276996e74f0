#include "balancer/names/service_port_io.h"

#include <netdb.h>
#include <netinet/in.h>

namespace holdfast {

std::optional<std::uint16_t> service_port(const std::string& name) {
  const servent* service = getservbyname(name.c_str(), "tcp");
  if (service == nullptr) return std::nullopt;
  return ntohs(static_cast<std::uint16_t>(service->s_port));
}

}  // namespace holdfast
