// Addresses with a lease: the kernel takes them away by itself when nobody renews them, so an agent that is killed or
// frozen gives up its addresses. Decides nothing. Each call is a few round trips to the kernel, for any number of
// addresses.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "base/machine.h"
#include "base/result.h"
#include "vrrp/front/link_facts.h"

namespace holdfast {

class netlink;

// What became of an order about addresses.
struct lease_report {
  struct refusal {
    leased_address what;
    std::string why;  // a sentence
  };
  std::vector<refusal> refused;
  duration took{};
};

// Puts the addresses on their interfaces, with a route to their network, for this long: 1 s and more; 0 = for ever,
// which is 68 years, since an address that never ends is the box's own. The kernel takes them away a little later than
// that (a processor that sleeps does so when it wakes). IPv6: deprecated, so that no connection of the box itself comes
// from them while it has another address; no duplicate address detection; one that is there but stuck in it is put on
// afresh. One that is there already is renewed: whoever calls knows that it is none of the box's own. What is
// sent to them is received when this returns: whoever announces them then loses nothing.
lease_report put_addresses(netlink& kernel, std::span<const leased_address> which, std::chrono::seconds lease);

// Begins the lease anew, in one batch and without looking first. One that is no longer there is put on again.
lease_report renew_addresses(netlink& kernel, std::span<const leased_address> which, std::chrono::seconds lease);

// One that isn't there is no refusal.
lease_report remove_addresses(netlink& kernel, std::span<const leased_address> which);

// The kernel takes, together with an IPv4 address, all of the same network that came after it: with one of ours, one of
// the box's own that its operator has put on anew. From now on, and for good, it leaves them on this interface
// (promote_secondaries, as systemd sets it everywhere). The error is a sentence.
result<void, std::string> keep_later_addresses(netlink& kernel, int index);

// What an earlier life has left, as leftovers_of. The error is a sentence.
result<std::vector<leased_address>, std::string> find_leftovers(netlink& kernel,
                                                                std::span<const leased_address> configured);

}  // namespace holdfast
