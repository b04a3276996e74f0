#include "cli/language/row.h"

namespace holdfast {

namespace {

using group = vrrp_settings;
using address = say::add_vrrp_address;
using hmac = say::set_vrrp_hmac;

constexpr char virtual_mac[] = "virtual";
constexpr char interface_mac[] = "interface";
constexpr char on[] = "on";
constexpr char off[] = "off";
template <class T = std::uint8_t>
using octet_word = count_word<1, 255, T>;

// C is about a group and nothing more.
template <class C>
row says_of_group(std::string_view pattern, std::string_view sentence, row_traits traits = of_group) {
  return says<C>(pattern, sentence, traits, {fill<&C::of, group_word>()});
}

rows of_addresses() {
  return joined(
      says<say::begin_group>(
          "vrrp <group> interface <interface>",
          "Make a group of virtual routers, which move together from node to node: its adverts and "
          "addresses are on this interface.",
          of_group, {fill<&say::begin_group::of, group_word>(), fill<&say::begin_group::interface, interface_word>()}),
      says_of_group<say::remove_group>("no vrrp <group>", "Remove a group; its addresses leave this node."),
      value<&group::id, octet_word<>>("id", "<id>", "The number of the virtual router, the same on all nodes."),
      says<address>("vrrp <group> address <address> [interface <interface>] [id <id>]",
                    "An address that the active node has, on the group's interface and of the group's id unless said "
                    "otherwise: each interface, id and family is a virtual router.",
                    of_group,
                    {fill<&address::of, group_word>(), fill<&address::at, link_address_word>(),
                     fill<&address::interface, interface_word>(), fill<&address::id, octet_word<>>()}),
      says<say::remove_vrrp_address>(
          "no vrrp <group> address <address>", "Without that address.", of_group,
          {fill<&say::remove_vrrp_address::of, group_word>(), fill<&say::remove_vrrp_address::host, address_word>()}),
      value<&group::lease, lease_word>(
          "lease", "<time>|auto|off",
          "How long the kernel keeps the addresses should nobody renew them (auto: as long as the others wait)."),
      value<&group::announce_every, time_or_off_word<1000, 3'600'000>>(
          "announce every", "<time>|off",
          "The active node tells the network again and again where the addresses are (60s)."),
      value<&group::mac_virtual, either_word<virtual_mac, interface_mac>>(
          "mac", "virtual|interface",
          "Whose hardware address the addresses have: that of the RFC, or the interface's (the "
          "default)."));
}

rows of_election() {
  return joined(
      value<&group::priority, octet_word<>>("priority", "<priority>",
                                            "The node with the highest is active (100). 255: it owns the addresses."),
      value<&group::interval, advert_interval_word>(
          "interval", "<time>|auto",
          "Between two adverts (auto: 50 ms among nodes that the wire knows and that keep up, else 1 s)."),
      flag<&group::preempt>("preempt", "Take over from an active node with a lower priority (the default)."),
      value<&group::preempt_delay, time_word<0, 3'600'000>>("preempt delay", "<time>",
                                                            "How long to wait before that (0)."),
      says<say::add_vrrp_track>(
          "vrrp <group> track <interface>", "Be active only while that interface has a carrier, too.", of_group,
          {fill<&say::add_vrrp_track::of, group_word>(), fill<&say::add_vrrp_track::interface, interface_word>()}),
      says<say::remove_vrrp_track>("no vrrp <group> track <interface>", "", of_group,
                                   {fill<&say::remove_vrrp_track::of, group_word>(),
                                    fill<&say::remove_vrrp_track::interface, interface_word>()}),
      optional<&group::watch, address_word>("watch", "<address>",
                                            "What answers on the front network, such as a gateway: an active node that "
                                            "it does not answer gives up to a node "
                                            "that it does answer."),
      value<&group::patience, time_word<20, 10'000>>("patience", "<time>",
                                                     "How long the balancer may be silent before it counts as hung "
                                                     "(150ms)."),
      value<&group::degrade_after, time_word<0, 60'000>>(
          "degrade after", "<time>",
          "How long the balancer must be without a server before another node is preferred, if that one sees servers "
          "(1s)."),
      flag<&group::standalone>("standalone", "Be active without a balancer."),
      value<&group::wire, either_word<on, off>>(
          "wire", "on|off", "Ask the agents of the other nodes, too, over a connection of their own (on)."));
}

rows of_wire_format() {
  return joined(
      value<&group::version, vrrp_version_word>("version", "2|3|mixed", "Of the protocol (3). mixed: both at once."),
      says<say::add_vrrp_peer>(
          "vrrp <group> peer <address>",
          "Send adverts to the addresses of the peers, and take theirs alone, instead of multicast.", of_group,
          {fill<&say::add_vrrp_peer::of, group_word>(), fill<&say::add_vrrp_peer::host, address_word>()}),
      says<say::remove_vrrp_peer>(
          "no vrrp <group> peer <address>", "", of_group,
          {fill<&say::remove_vrrp_peer::of, group_word>(), fill<&say::remove_vrrp_peer::host, address_word>()}),
      value<&group::checksum, vrrp_checksum_word>(
          "checksum", "auto|rfc9568|rfc5798",
          "Over what the checksum of IPv4 adverts is made (auto: as the peer does)."),
      flag<&group::accept_password>("accept_password",
                                    "Version 2: take adverts with a password in plain text; what it says is ignored."),
      says<hmac>(
          "vrrp <group> auth hmac <file> receive|permissive|enforce [key <number>]",
          "Authenticate adverts with the key in a file. receive: check those that are signed; permissive: sign ours, "
          "too; enforce: refuse the others. key: its number (1).",
          of_group,
          {fill<&hmac::of, group_word>(), fill<&hmac::file, file_word>(), fill<&hmac::mode, hmac_mode_word>(),
           fill<&hmac::key, count_word<0, 255, std::uint8_t>>()}),
      says_of_group<say::no_vrrp_hmac>("no vrrp <group> auth", ""));
}

rows of_agent() {
  return joined(says<say::vrrp_state>("vrrp", "The groups: state, priority, peers, addresses.", asks_agent),
                says<say::release>("vrrp release [<group>]", "Stand down, and stay so until `vrrp take`.", orders_agent,
                                   {fill<&say::release::of, group_word>()}),
                says<say::take>("vrrp take [<group>]", "Stand down no longer, and become active.", orders_agent,
                                {fill<&say::take::of, group_word>()}),
                says<say::stand_by>("vrrp standby [<group>]",
                                    "Let another node be active, and return as a backup that does not preempt until "
                                    "`vrrp take`. If nobody takes over, be active again.",
                                    orders_agent, {fill<&say::stand_by::of, group_word>()}),
                says<say::announce>("vrrp announce [<group>]", "Tell the network again where the addresses are.",
                                    orders_agent, {fill<&say::announce::of, group_word>()}),
                says<say::events>("events [<count>]", "What happened to the groups of late, and why (20).", asks_agent,
                                  {fill<&say::events::count, count_word<1, 1000>>()}));
}

}  // namespace

topic rows_of_vrrp() {
  return {"Virtual addresses", joined(of_addresses(), of_election(), of_wire_format(), of_agent())};
}

}  // namespace holdfast
