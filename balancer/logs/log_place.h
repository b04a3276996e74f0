// Where the access log goes once its host is an address.
#pragma once

#include <optional>

#include "balancer/names/resolver.h"
#include "cli/settings/settings.h"

namespace holdfast {

// A penlogd is at a host and port, or at the path of a socket behind "unix:".
bool is_penlogd(const place& where);
std::string penlogd_path(const place& where);  // "" = it has none

// What else the settings say of the access log.
struct log_setting {
  std::optional<place> where;
  log_format format = log_format::pen;  // a penlogd is told what pairs its lines, whatever was said but JSON
  log_transport over = log_transport::datagrams;
  std::string cluster_key = {}, next_cluster_key = {};  // over TLS
  bool operator==(const log_setting&) const = default;
};
log_setting log_setting_of(const settings& wanted);

// As said, where it is a file, no place at all, or one that makes no sense (opening it will say so); none while the
// name of its host is not known.
std::optional<place> log_place(const std::optional<place>& said, const resolver& names);

}  // namespace holdfast
