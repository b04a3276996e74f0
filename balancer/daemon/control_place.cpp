#include "balancer/daemon/control_place.h"

namespace holdfast {

namespace {

bool is_loopback(const address& a) {
  static const prefix four = *prefix::parse("127.0.0.0/8");
  static const prefix six = *prefix::parse("::1");
  return four.contains(a) || six.contains(a);
}

bool has_rules(const settings& s) {
  const auto rules = s.acls.find(s.control_acl);
  return rules != s.acls.end() && !rules->second.empty();
}

}  // namespace

result<std::optional<endpoint>, std::string> control_place(const settings& wanted, const resolver& names) {
  if (!wanted.control_tcp) return std::optional<endpoint>();
  const auto where = names.find(*wanted.control_tcp);
  if (!where) return failure{"control: " + where.error()};
  if (!is_loopback(where->host) && !has_rules(wanted)) {
    return failure{"control: expected a control_acl with rules before commands are taken beyond this machine"};
  }
  return std::optional(*where);
}

bool may_control(const settings& now, const acl_table& acls, const address& from) {
  if (!has_rules(now)) return is_loopback(from);
  return acls.find(now.control_acl)->permits(from, std::nullopt);
}

}  // namespace holdfast
