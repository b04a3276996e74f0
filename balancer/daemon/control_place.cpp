#include "balancer/daemon/control_place.h"

namespace holdfast {

namespace {

bool is_loopback(const address& a) {
  static const prefix four = *prefix::parse("127.0.0.0/8");
  static const prefix six = *prefix::parse("::1");
  return four.contains(a) || six.contains(a);
}

}  // namespace

result<std::optional<endpoint>, std::string> control_place(const settings& wanted, const resolver& names) {
  if (!wanted.control_tcp) return std::optional<endpoint>();
  auto where = names.find(*wanted.control_tcp);
  if (!where) return failure{"control: " + where.error()};
  if (is_loopback(where->host) || names_operators(wanted)) return std::optional(*where);
  if (!wanted.control_tcp->host.empty()) {
    return failure{
        "control: expected rules that say who may send commands before they are taken beyond this machine: " +
        std::string(how_to_name_operators)};
  }
  where->host = address::v4(0x7f000001);
  return std::optional(*where);
}

bool may_control(const settings& now, const acl_table& acls, const address& from) {
  if (!names_operators(now)) return is_loopback(from);
  return acls.find(now.control_acl)->permits(from, std::nullopt);
}

}  // namespace holdfast
