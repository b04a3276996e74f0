// Everything that can be said to the daemons, as plain values. A file's line, a control request and a command line's -O
// are all one of these; the table (table.h) says in which words. Knows nothing of words, files and sockets.
//
//   change            alters `settings`: carried out by apply()
//   question          answered from `settings` alone: by answer()
//   common_request    asks a running daemon, whichever it is
//   balancer_request  asks holdfast-balancer
//   cluster_request   asks holdfast-balancer about all nodes
//   vrrp_request      asks holdfast-vrrp
//   procedure            done by hfctl itself
// Each daemon visits the kinds, and in them its own: what has no handler does not compile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/address.h"
#include "base/machine.h"
#include "base/one_of.h"
#include "cli/settings/setting.h"

namespace holdfast {

namespace say {

// ---- settings that are one value: which there are is said by the rows of the table alone

// A service stands in front of the command (sentence::service), a group within it; "" = the setting is not a group's.
struct group {
  std::string name;
  bool operator==(const group&) const = default;
};
// Said as `X VALUE`; a flag's as `X on`, `X off`, or X alone (no value), which hfctl takes for a question.
struct set {
  setting_key key = nullptr;
  setting_value value = {};
  group of = {};
  bool operator==(const set&) const = default;
};
// `no X`
struct unset {
  setting_key key = nullptr;
  group of = {};
  bool operator==(const unset&) const = default;
};
// A question: X alone.
struct show {
  setting_key key = nullptr;
  group of = {};
  bool operator==(const show&) const = default;
};

// clang-format off
// ---- other changes
// `service NAME` alone: the service exists from now on, and in a file the following lines are about it.
struct begin_service { std::string name; bool operator==(const begin_service&) const = default; };
struct remove_service { std::string name; bool operator==(const remove_service&) const = default; };
// next: the other key that is accepted; none = there is none any more.
struct set_cluster_key {
  std::string file; std::optional<std::string> next; bool operator==(const set_cluster_key&) const = default;
};
struct no_cluster_key { bool operator==(const no_cluster_key&) const = default; };
struct add_node { node_settings node; bool operator==(const add_node&) const = default; };
struct add_network {
  std::string acl; bool permit = true; prefix network; bool operator==(const add_network&) const = default;
};
struct add_country {
  std::string acl; bool permit = true; country from; bool operator==(const add_country&) const = default;
};
struct clear_acl { std::string acl; bool operator==(const clear_acl&) const = default; };
struct add_listener {
  place where; std::optional<std::uint32_t> mode; std::optional<std::string> owner, group;
  bool operator==(const add_listener&) const = default;
};
// where: none = all.
struct remove_listener { std::optional<place> where; bool operator==(const remove_listener&) const = default; };
struct change_server {
  std::string name;
  std::optional<std::string> acl;
  std::optional<place> address;  // its port, when given, is set, too; host "" = no address
  std::optional<std::string> port;
  std::optional<std::uint32_t> max, hard, weight, prio;
  std::optional<bool> drain;
  std::optional<duration> blacklist;  // from now on, once; 0 = no more
  bool operator==(const change_server&) const = default;
};
// after: how long its connections may run on; none = the service's drain_time.
struct remove_server {
  std::string name; std::optional<duration> after; bool operator==(const remove_server&) const = default;
};
// No new clients, and the connections that are left then are closed.
struct drain_server { std::string name; duration time{}; bool operator==(const drain_server&) const = default; };
struct peek_for { duration time{}; bool operator==(const peek_for&) const = default; };  // peek, and wait so long at most
struct server_down_keep { bool operator==(const server_down_keep&) const = default; };
struct client_prefix { std::uint8_t four = 32, six = 128; bool operator==(const client_prefix&) const = default; };
struct statuses { std::uint16_t low = 200, high = 399; bool operator==(const statuses&) const = default; };
struct check_tcp {
  std::optional<std::uint16_t> port;
  std::optional<duration> every;
  std::optional<std::uint32_t> rise, fall;
  bool operator==(const check_tcp&) const = default;
};
struct check_http {
  std::string path;
  std::optional<std::string> host;
  std::optional<std::uint16_t> port;
  std::optional<statuses> expect;
  std::optional<duration> every;
  std::optional<std::uint32_t> rise, fall;
  bool operator==(const check_http&) const = default;
};
struct no_check { bool operator==(const no_check&) const = default; };
// Pen's spare connections to servers: there are none.
struct idlers { std::optional<std::uint32_t> wanted; bool operator==(const idlers&) const = default; };
// Pen has them; they change nothing.
struct without_effect { std::string word; bool operator==(const without_effect&) const = default; };
struct no_without_effect { std::string word; bool operator==(const no_without_effect&) const = default; };
// Refused by apply(): the feature is not in this version. `rest` is whatever followed.
struct not_built {
  std::string word; std::optional<std::string> rest; bool operator==(const not_built&) const = default;
};

// A group of virtual routers begins with its interface.
struct begin_group { group of; std::string interface; bool operator==(const begin_group&) const = default; };
struct remove_group { group of; bool operator==(const remove_group&) const = default; };
// An address on a link; length in its own family's bits.
struct link_address { address host; std::uint8_t length = 32; bool operator==(const link_address&) const = default; };
struct add_vrrp_address {
  group of;
  link_address at;
  std::optional<std::string> interface;  // none = the group's, and so on
  std::optional<std::uint8_t> id;
  bool operator==(const add_vrrp_address&) const = default;
};
struct remove_vrrp_address { group of; address host; bool operator==(const remove_vrrp_address&) const = default; };
struct add_vrrp_peer { group of; address host; bool operator==(const add_vrrp_peer&) const = default; };
struct remove_vrrp_peer { group of; address host; bool operator==(const remove_vrrp_peer&) const = default; };
struct add_vrrp_track { group of; std::string interface; bool operator==(const add_vrrp_track&) const = default; };
struct remove_vrrp_track { group of; std::string interface; bool operator==(const remove_vrrp_track&) const = default; };
struct set_vrrp_hmac {
  group of;
  std::string file;
  hmac_mode mode = hmac_mode::receive;
  std::optional<std::uint8_t> key;  // none = 1
  bool operator==(const set_vrrp_hmac&) const = default;
};
struct no_vrrp_hmac { group of; bool operator==(const no_vrrp_hmac&) const = default; };

// ---- other questions

struct show_cluster_key { bool operator==(const show_cluster_key&) const = default; };
struct show_listeners { bool operator==(const show_listeners&) const = default; };
struct show_check { bool operator==(const show_check&) const = default; };
struct show_config { bool operator==(const show_config&) const = default; };
struct show_setting { std::string words; bool operator==(const show_setting&) const = default; };
struct mode { bool operator==(const mode&) const = default; };
struct help { std::optional<std::string> word; bool operator==(const help&) const = default; };

// ---- requests to either daemon

// Pen: HTML; tables: figures of everything, for `hfctl top` too. Of the agent: what `vrrp` says.
struct status { bool operator==(const status&) const = default; };
struct control { bool operator==(const control&) const = default; };  // where control connections are taken
struct pid { bool operator==(const pid&) const = default; };
// load_config() follows those of files; the daemon those said to it.
struct include { std::string file; bool operator==(const include&) const = default; };
// file: none = the one loaded.
struct write { std::optional<std::string> file; bool operator==(const write&) const = default; };
struct reload { bool operator==(const reload&) const = default; };
struct undo { bool operator==(const undo&) const = default; };  // all that was said since the file was read or written
struct exit { bool operator==(const exit&) const = default; };  // only when settings::exit_enabled

// ---- requests to the balancer

struct servers { bool operator==(const servers&) const = default; };
// within: none = 300 s.
struct recent { std::optional<duration> within; bool operator==(const recent&) const = default; };
struct clients {
  std::optional<duration> recent;
  std::optional<std::uint32_t> limit;  // none = 1000
  bool operator==(const clients&) const = default;
};
struct client { address who; bool operator==(const client&) const = default; };
struct forget_client { address who; bool operator==(const forget_client&) const = default; };
// For the service that is said, or the default one.
struct pin_client { address who; std::string server; bool operator==(const pin_client&) const = default; };
// A piece of all clients as lines of a file (client_line.h); after: where the piece before ended, none = the first. The
// answer's message is where this one ends, "" = there are no more.
struct client_lines { std::optional<std::string> after; bool operator==(const client_lines&) const = default; };
// Such lines, each a word. What is known already and newer stays.
struct put_clients { std::string lines; bool operator==(const put_clients&) const = default; };
// Those that fit all that is said; limit: none = all.
struct connections {
  std::optional<std::string> server; std::optional<address> client; std::optional<duration> older;
  std::optional<std::uint32_t> limit; bool operator==(const connections&) const = default;
};
struct connection { std::uint64_t id = 0; bool operator==(const connection&) const = default; };
struct socket { std::uint32_t number = 0; bool operator==(const socket&) const = default; };
struct close_connection { std::uint64_t id = 0; bool operator==(const close_connection&) const = default; };
struct close_server { std::string name; bool operator==(const close_server&) const = default; };
struct close_client { address who; bool operator==(const close_client&) const = default; };

// ---- requests to the balancer about all nodes

struct cluster { bool operator==(const cluster&) const = default; };  // answered in the form of cluster_view.h
struct check_cluster { bool operator==(const check_cluster&) const = default; };  // compare the tables now
struct flush_cluster { bool operator==(const flush_cluster&) const = default; };  // answered when no news wait any more
// A configuration file for all nodes: it takes the place of each one's, or of none's.
struct load_on_all { std::string file; bool operator==(const load_on_all&) const = default; };
// text: a command of the balancer alone (may_be_said_to_all). A change is made on all nodes or on none.
struct on_all_nodes { std::string text; bool operator==(const on_all_nodes&) const = default; };

// ---- requests to the agent; of: none = all groups

struct vrrp_state { bool operator==(const vrrp_state&) const = default; };
// Stand down until told otherwise; take: the end of that, and the addresses.
struct release { std::optional<group> of; bool operator==(const release&) const = default; };
struct take { std::optional<group> of; bool operator==(const take&) const = default; };
// Let another node be active, and follow as a backup that doesn't preempt until told to take.
struct stand_by { std::optional<group> of; bool operator==(const stand_by&) const = default; };
struct announce { std::optional<group> of; bool operator==(const announce&) const = default; };
// count: none = 20.
struct events { std::optional<std::uint32_t> count; bool operator==(const events&) const = default; };

// ---- procedures

struct new_cluster_key { std::string file; bool operator==(const new_cluster_key&) const = default; };
// timeout: none = 60 s.
struct wait_synced { std::optional<duration> timeout; bool operator==(const wait_synced&) const = default; };
// of: none = all groups; to: none = whoever is next.
struct switch_over {
  std::optional<group> of; std::optional<std::string> to; bool operator==(const switch_over&) const = default;
};
// Until no connection to it is left. timeout: none = as long as it takes.
struct drain_and_wait {
  std::string name; std::optional<duration> timeout; bool operator==(const drain_and_wait&) const = default;
};
// probe: none = the first listener at an address of the groups.
struct drill {
  std::optional<group> of; std::optional<place> probe; bool operator==(const drill&) const = default;
};
// file: none = standard output.
struct export_clients { std::optional<std::string> file; bool operator==(const export_clients&) const = default; };
struct import_clients { std::string file; bool operator==(const import_clients&) const = default; };

// clang-format on

// ---- all of them

struct changes {
  using type = std::variant<begin_service, remove_service, set, unset, set_cluster_key, no_cluster_key, add_node,
                            add_network, add_country, clear_acl, add_listener, remove_listener, change_server,
                            remove_server, drain_server, peek_for, server_down_keep, client_prefix, check_tcp,
                            check_http, no_check, begin_group, remove_group, add_vrrp_address, remove_vrrp_address,
                            add_vrrp_peer, remove_vrrp_peer, add_vrrp_track, remove_vrrp_track, set_vrrp_hmac,
                            no_vrrp_hmac, idlers, without_effect, no_without_effect, not_built>;
};
struct questions {
  using type = std::variant<show, show_cluster_key, show_listeners, show_check, show_config, show_setting, mode, help>;
};
struct common_requests {
  using type = std::variant<status, control, pid, include, write, reload, undo, exit>;
};
struct balancer_requests {
  using type = std::variant<servers, recent, clients, client, forget_client, pin_client, client_lines, put_clients,
                            connections, connection, socket, close_connection, close_server, close_client>;
};
struct cluster_requests {
  using type = std::variant<cluster, check_cluster, flush_cluster, load_on_all, on_all_nodes>;
};
struct vrrp_requests {
  using type = std::variant<vrrp_state, release, take, stand_by, announce, events>;
};
struct procedures {
  using type =
      std::variant<new_cluster_key, wait_synced, switch_over, drain_and_wait, drill, export_clients, import_clients>;
};

using change = one_of<changes>;
using question = one_of<questions>;
using common_request = one_of<common_requests>;
using balancer_request = one_of<balancer_requests>;
using cluster_request = one_of<cluster_requests>;
using vrrp_request = one_of<vrrp_requests>;
using procedure = one_of<procedures>;

}  // namespace say

extern template struct one_of<say::changes>;
extern template struct one_of<say::questions>;
extern template struct one_of<say::common_requests>;
extern template struct one_of<say::balancer_requests>;
extern template struct one_of<say::cluster_requests>;
extern template struct one_of<say::vrrp_requests>;
extern template struct one_of<say::procedures>;

struct commands {
  using type = std::variant<say::change, say::question, say::common_request, say::balancer_request,
                            say::cluster_request, say::vrrp_request, say::procedure>;
};
extern template struct one_of<commands>;
using command = one_of<commands>;

// A command and what it is about.
struct sentence {
  std::string service;  // "" = not said: the default service
  std::string node;     // "" = everywhere; otherwise that node alone
  command what;
  bool operator==(const sentence&) const = default;

  const std::string& of_service() const;  // `service`, or "default"
};

}  // namespace holdfast
