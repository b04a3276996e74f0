// What the farm does about host names: it asks for them, and makes of what it hears other pools.
#include "balancer/farm/farm_io.h"
#include "balancer/logs/log_place.h"
#include "balancer/names/service_port_io.h"
#include "base/clock_io.h"
#include "base/log_io.h"
#include "cli/configuration/node_check.h"

namespace holdfast {

// What was wanted and refused stays known until the next change: a listener may be waiting for its name.
void farm::ask_for_names(const settings& wanted) {
  auto all = names_in(wanted);
  all.merge(names_in(current_));
  lookups_.feed(name_book::wanted{std::move(all), wanted.resolve_every});
}

void farm::await_names(const settings& wanted, duration most) {
  ask_for_names(wanted);
  lookups_.wait(most);
}

service::means farm::means_with(const settings& wanted, const acl_table& acls, const resolver& names,
                                own_listeners& ours, bool opens) const {
  return {acls,
          names,
          ours,
          workers_.size(),
          monotonic_now(),
          opens,
          keeper_ ? keeper_->directory() : std::string(),
          files_.clients(),
          addresses_of_groups(wanted)};
}

// Only pools become others; nothing is opened or closed.
void farm::names_moved() {
  const resolver names(lookups_.known(), service_port);
  bool any = false;
  for (auto& [name, s] : services_) {
    if (!s->is_elsewhere(names)) continue;
    auto prepared = s->prepare(s->wanted(), means_with(current_, acls_, names, ours_, false));
    if (!prepared) {
      log::error("service={} names=ignored why=\"{}\"", name, prepared.error());
      continue;
    }
    s->commit(std::move(*prepared));
    any = true;
  }
  if (any) changed_();
  if (const auto to = place_of_log(current_); to && to != std::exchange(log_at_, to)) {
    if (const auto again = open_log(); !again) log::error("access_log=failed why=\"{}\"", again.error());
  }
}

std::optional<place> farm::place_of_log(const settings& wanted) const {
  return log_place(wanted.log, resolver(lookups_.known(), service_port));
}

}  // namespace holdfast
