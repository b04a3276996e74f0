// The changes of a group of virtual routers that are more than a member set: what apply() hands on. Knows no other
// settings; whether groups agree with each other says vrrp_check.h.
#pragma once

#include "cli/configuration/apply.h"

namespace holdfast {

// Each changes the group, or leaves it as it was and says why not: a limit of settings.h, or something to remove that
// is not there. What is there already is no mistake.
result<void, refusal> change_group(vrrp_settings& of, const say::add_vrrp_address& c);
result<void, refusal> change_group(vrrp_settings& of, const say::remove_vrrp_address& c);
result<void, refusal> change_group(vrrp_settings& of, const say::add_vrrp_peer& c);
result<void, refusal> change_group(vrrp_settings& of, const say::remove_vrrp_peer& c);
result<void, refusal> change_group(vrrp_settings& of, const say::add_vrrp_track& c);
result<void, refusal> change_group(vrrp_settings& of, const say::remove_vrrp_track& c);
result<void, refusal> change_group(vrrp_settings& of, const say::set_vrrp_hmac& c);
result<void, refusal> change_group(vrrp_settings& of, const say::no_vrrp_hmac& c);

}  // namespace holdfast
