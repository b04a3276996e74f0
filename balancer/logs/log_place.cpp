#include "balancer/logs/log_place.h"

namespace holdfast {

namespace {

constexpr std::string_view unix_prefix = "unix:";

}  // namespace

bool is_penlogd(const place& where) { return where.path.empty() || where.path.starts_with(unix_prefix); }

std::string penlogd_path(const place& where) {
  return where.path.starts_with(unix_prefix) ? where.path.substr(unix_prefix.size()) : "";
}

log_setting log_setting_of(const settings& wanted) {
  log_setting made{.where = wanted.log, .format = wanted.format, .over = wanted.log_over};
  if (wanted.log && is_penlogd(*wanted.log) && wanted.format == log_format::pen) made.format = log_format::paired;
  if (wanted.log_over == log_transport::tls) {
    made.cluster_key = wanted.cluster_key;
    made.next_cluster_key = wanted.next_cluster_key;
  }
  return made;
}

std::optional<place> log_place(const std::optional<place>& said, const resolver& names) {
  if (!said || !said->path.empty()) return said;
  const auto where = names.find_all(*said);
  if (!where) return said;
  if (where->empty()) return std::nullopt;
  return place{where->front().host.text(), said->port, {}};
}

}  // namespace holdfast
