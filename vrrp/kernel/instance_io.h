// The virtual MAC address: an interface (macvlan) of its own for each virtual router, made on the real one, that sends
// from 00-00-5E-00-01-ID or 00-00-5E-00-02-ID (RFC 9568, 7.2 and 7.3). The agent receives and sends its adverts there,
// and puts the addresses on it.
//
// It is private, as others do it: frames from outside that carry the same virtual MAC (the other node's) come in here
// and not on the parent. The parent stops speaking ARP for addresses that it doesn't hold itself (arp_ignore 1,
// arp_announce 2), and is left so. No IPv6 address is derived from the virtual MAC (7.4). The settings are written to
// /proc/sys/net, which must be writable.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "vrrp/kernel/instance.h"

namespace holdfast {

class netlink;

// Makes it ready and up, and gives its index. One of an earlier life is taken over; one of that name that is something
// else is replaced. The calling thread is in the network namespace that `kernel` speaks to. The error is a sentence.
result<int, std::string> make_instance(netlink& kernel, const instance& wanted);

// With all its addresses. One that isn't there is no error. The error is a sentence.
result<void, std::string> remove_instance(netlink& kernel, const instance& which);

// Those that are there, of this or of an earlier life. The error is a sentence.
result<std::vector<instance>, std::string> find_instances(netlink& kernel);

}  // namespace holdfast
