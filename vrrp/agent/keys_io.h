// The keys of a group's adverts, from their files.
#pragma once

#include <string>

#include "base/result.h"
#include "cli/settings/finding.h"
#include "cli/settings/settings.h"
#include "vrrp/message/auth_hmac.h"

namespace holdfast {

// How a group signs its adverts; the error is a sentence.
result<hmac_policy, std::string> hmac_of(const vrrp_settings& g);

// Why a start with these settings would fail: adverts that can't be signed. Without the cluster's key there are
// elections, by adverts alone.
findings refusals(const settings& wanted);

}  // namespace holdfast
