// What the operator wants: the whole configuration as one plain value. Commands change it, `write` prints it, the
// difference of two of them is what a reload does. Names stay as written (a host may be a name); resolving is for _io.
// `write` has single values in the order of their members here: first flags, then values, then what may be not set.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/machine.h"

namespace holdfast {

using namespace std::chrono_literals;

// A place as the operator wrote it: host (address, name, or "" = any / not given) and port (digits, a service name such
// as "smtp", or "" = the listener's), or the path of a UNIX socket.
struct place {
  std::string host;
  std::string port;
  std::string path;
  bool operator==(const place&) const = default;
  auto operator<=>(const place&) const = default;
};

// ISO 3166 alpha-2, upper case: "GB".
struct country {
  std::array<char, 2> code{};
  bool operator==(const country&) const = default;
};

struct acl_rule {
  bool permit = true;
  std::variant<prefix, country> who;
  bool operator==(const acl_rule&) const = default;
};

// First match decides; no match: the opposite of the last rule's verdict; an empty list permits all (Pen's rule).
using acl_rules = std::vector<acl_rule>;

// As in Pen, the lists "0" to "9" need no making (a list without rules permits all), and "0" is everybody's at first.
inline constexpr const char* pen_acl = "0";

// Of a server that has one of Pen's numbers for a name, below max_servers and without leading zeros: where it stands
// among the others. None: a name.
std::optional<std::uint32_t> slot_of(std::string_view server);

struct server_settings {
  std::string name = {};   // Pen's number ("0") or a name
  place where = {};        // host "" and path "" = none; port "0" = none, whatever the listener's
  std::uint32_t max = 0;   // soft limit of connections, 0 = none
  std::uint32_t hard = 0;  // limit for clients that were here before; below max (0, too) it adds no room
  std::optional<std::uint32_t> weight = {};  // none: 1 where another server has one; 0: no new clients there
  std::uint32_t prio = 0;
  std::string acl = pen_acl;
  bool drain = false;  // no new clients; those who know it may return
  bool operator==(const server_settings&) const = default;

  // Without an address, or without a port: as in Pen nobody is ever sent there.
  bool is_empty() const;

  // Stable across reorderings: the name, or for Pen's numbers "host:port". Unique but for numbers with one place.
  std::string identity() const;
};

enum class check_kind : std::uint8_t { none, tcp, http };

struct check_settings {
  check_kind how = check_kind::none;
  std::string path = {};           // http: request target
  std::uint16_t expect_low = 200;  // http: statuses that count as alive, both ends included
  std::uint16_t expect_high = 399;
  std::uint16_t port = 0;  // asked instead of the server's; 0 = the server's, or the listeners'
  std::string host = {};   // http: the Host header, "" = the server's name
  duration every = 2s;
  std::uint32_t rise = 2;
  std::uint32_t fall = 3;
  bool operator==(const check_settings&) const = default;
};

enum class fastclose : std::uint8_t { off, up, down, both };

inline constexpr const char* default_service = "default";

// Who may connect to a UNIX socket of ours; what is not said stays as the system makes it.
struct socket_access {
  std::optional<std::uint32_t> mode;  // permission bits: 0660
  std::string owner, group;           // names; "" = ours
  bool operator==(const socket_access&) const = default;
};

struct service_settings {
  std::string name = default_service;
  std::vector<place> listeners;
  std::map<std::string, holdfast::socket_access> socket_access;  // of listeners that are paths, by path
  std::vector<server_settings> servers;                          // in order of their first mention, numbers in theirs
  std::optional<place> emergency;                                // tried when no server is left
  std::optional<place> abuse;                                    // for clients the acl refuses

  // Choosing; Pen's order of precedence: remembered client, prio, weight, (least), hash, round robin.
  bool roundrobin = false;  // do not remember clients
  bool prio = false;
  bool weight = false;
  bool least = false;  // fewest connections; power of two choices from 8 servers on
  bool hash = false;   // rendezvous hashing of the client's address (with roundrobin its port, too) over servers' hosts
  bool stubborn = false;
  bool peek = false;        // choose only when the client's first bytes are here,
  duration peek_time = 3s;  // or so much later
  bool dummy = false;       // answer HTTP ourselves, for tests

  duration blacklist = 30s;
  duration timeout = 3s;       // connect
  duration tracking = 0s;      // forget clients idle for longer; 0 = never
  duration idle_timeout = 0s;  // close connections without traffic; 0 = never
  duration slow_start = 0s;
  std::uint32_t clients_max = 2048;
  std::uint32_t conn_max = 500;        // 0 = as many as there are descriptors for: the default of named services
  std::uint32_t pending_max = 100;     // connects under way to one server
  std::uint32_t pending_total = 1000;  // connects under way per worker
  std::uint32_t peek_max = 1000;       // clients that `peek` lets wait, per worker; beyond it nobody waits
  std::uint8_t panic = 0;              // use servers that checks find down when fewer than this percentage is up
  duration drain_time = 30s;           // how long connections to a server that was removed may run on
  duration departed = 2s;              // connections over an address that this machine has lost are closed
  duration server_down = 10s;  // connections on which nothing comes from a server found down are closed; 0 = kept
  std::uint32_t backlog = 500;
  std::string client_acl = pen_acl;
  std::uint8_t client_prefix4 = 32;  // bits of a client's address that make its identity
  std::uint8_t client_prefix6 = 128;
  bool tcp_nodelay = true;
  bool keepalive = true;          // the kernel asks silent clients and servers whether they are there,
  duration keepalive_time = 60s;  // after so long
  fastclose tcp_fastclose = fastclose::off;
  std::optional<address> source;  // local address towards the servers
  check_settings check;

  // Compiled once: many files copy them.
  service_settings();
  service_settings(const service_settings&);
  service_settings(service_settings&&) noexcept;
  service_settings& operator=(const service_settings&);
  service_settings& operator=(service_settings&&) noexcept;
  ~service_settings();
  bool operator==(const service_settings&) const;

  // Of the servers, in their order, no two the same: the second number with the same place is "host:port 2".
  std::vector<std::string> identities() const;
  server_settings* find_server(std::string_view name);
  server_settings& add_server(server_settings made);  // behind the others; a number before greater ones
};

// A service that nothing has been said of yet. Pen's limit of 500 connections is that of its one service; one with a
// name of its own has as many as there are descriptors for.
service_settings fresh_service(const std::string& name);

enum class log_format : std::uint8_t { pen, json, paired };
enum class log_transport : std::uint8_t { datagrams, tls };

struct node_settings {
  std::string name;
  place where;
  bool operator==(const node_settings&) const = default;
};

// One address of a virtual router group.
struct vrrp_address {
  address host;
  std::uint8_t length = 128;       // of its network, in its own family's bits: 24 for 192.0.2.80/24
  std::string interface = {};      // "" = the group's
  std::optional<std::uint8_t> id;  // of the virtual router, none = the group's
  bool operator==(const vrrp_address&) const = default;
};

// Over what the checksum of a VRRPv3 advert in IPv4 is made: RFC 9568 says the message alone, RFC 5798 was read as with
// a pseudo-header. automatic: as the peer does.
enum class vrrp_checksum : std::uint8_t { automatic, rfc9568, rfc5798 };

enum class vrrp_version : std::uint8_t { two, three, mixed };

// What an advert without a valid trailer is to us. receive: welcome, and our own carry none. permissive: welcome, but
// our own carry one. enforce: refused.
enum class hmac_mode : std::uint8_t { off, receive, permissive, enforce };

// As the others can bear it. Of a lease: as long as they take to notice our silence, see lease_of of
// vrrp/election/plan.h; of an interval: vrrp/election/tempo.h.
inline constexpr duration automatic_time{-1};

// A group of virtual routers that move together: one for each (interface, id, family) among its addresses.
struct vrrp_settings {
  std::string name;
  std::string interface;
  std::uint8_t id = 0;  // 1 to 255; 0 = not said
  std::vector<vrrp_address> addresses;
  std::uint8_t priority = 100;         // 1 to 255; 255 = owner of the addresses
  duration interval = automatic_time;  // between adverts: 10 ms to 40.95 s; version 2: whole seconds
  vrrp_version version = vrrp_version::three;
  bool preempt = true;
  duration preempt_delay = 0s;
  duration degrade_after = 1s;  // how long the balancer's servers must be out of reach before another node is preferred
  std::vector<address> peers;   // unicast instead of multicast
  duration lease = automatic_time;  // how long the kernel keeps our addresses without us: 1 s to 60 s; 0 = for ever
  duration announce_every = 60s;    // the network is told again where the addresses are; 0 = only after a takeover
  bool mac_virtual = false;
  duration patience = 150ms;  // without a heartbeat of the balancer
  bool standalone = false;    // does not ask for the balancer
  vrrp_checksum checksum = vrrp_checksum::automatic;
  bool accept_password =
      false;  // version 2: adverts with a plain-text password are not refused; what it says is ignored
  hmac_mode hmac = hmac_mode::off;
  std::string hmac_key;            // path of a file with the key, 32 to 64 bytes
  std::uint8_t hmac_id = 1;        // which key that is
  bool wire = true;                // asks the peers' agents, too, over a connection to each `node`
  std::vector<std::string> track;  // more interfaces whose carrier it needs
  std::optional<address> watch;    // answers on the front network as long as that carries both ways, say its gateway

  // Compiled once: many files copy them.
  vrrp_settings();
  vrrp_settings(const vrrp_settings&);
  vrrp_settings(vrrp_settings&&) noexcept;
  vrrp_settings& operator=(const vrrp_settings&);
  vrrp_settings& operator=(vrrp_settings&&) noexcept;
  ~vrrp_settings();
  bool operator==(const vrrp_settings&) const;
};

// Limits that no command can exceed.
inline constexpr std::uint32_t max_clients = 16'000'000;
inline constexpr std::uint32_t max_connections = 4'000'000;  // of a service
inline constexpr std::uint32_t max_of_server = 1'000'000;    // max, hard, weight and prio
inline constexpr std::uint32_t least_backlog = 50;
inline constexpr std::uint32_t most_backlog = 65'535;
inline constexpr std::uint32_t max_workers = 256;
inline constexpr std::size_t max_services = 256;
inline constexpr std::size_t max_servers = 1000;   // per service
inline constexpr std::size_t max_listeners = 256;  // per service
inline constexpr std::size_t max_acls = 256;
inline constexpr std::size_t max_acl_rules = 100'000;  // per acl
inline constexpr std::size_t max_nodes = 8;
inline constexpr std::size_t max_vrrp_groups = 64;
inline constexpr std::size_t max_vrrp_routers = 16;     // of a group
inline constexpr std::size_t max_vrrp_addresses = 255;  // of a virtual router: as many as an advert can name
inline constexpr std::size_t max_vrrp_peers = 16;       // of a group, in unicast
inline constexpr std::size_t max_vrrp_tracks = 16;      // of a group
inline constexpr std::size_t max_line = 4096;

// A server that is not to be chosen for so long from when settings take effect; 0: it is chosen again.
struct disabled_server {
  std::string service, server;
  duration time{};
  bool operator==(const disabled_server&) const = default;
};

struct settings {
  std::map<std::string, acl_rules> acls;
  std::map<std::string, service_settings> services;  // by name; the service "default" exists as soon as it is spoken of
  std::vector<node_settings> nodes;
  std::map<std::string, vrrp_settings> vrrp;  // groups by name
  std::string cluster_key;                    // path of the file with the cluster's key, "" = none
  std::string next_cluster_key;               // of another that is accepted, too, while the key is replaced; "" = none
  bool sync = true;          // the other nodes learn who our clients are, and we of theirs: with a key, and two nodes
  bool sync_confirm = true;  // a new client's first answer waits a moment until another node knows of it
  duration resolve_every = 30s;      // names of servers are looked up again; 0 = only at start and reload
  std::optional<place> control_tcp;  // control over TCP only when asked for
  std::string control_acl = pen_acl;
  std::uint32_t debug = 0;
  std::uint32_t workers = 0;  // 0 = one per core; only at start
  std::optional<place> log;  // access log: file, or a penlogd: its host and port, or "unix:" and the path of its socket
  log_format format = log_format::pen;
  log_transport log_over = log_transport::datagrams;  // to host and port; TLS with the cluster's key
  std::string web_stats;                              // HTML status written on USR1
  std::string geoip;                                  // path of a country database, "" = none
  bool ascii = false;                                 // dumps of what is carried (debug 2) are text, not hexadecimal
  bool abort_on_error = false;
  bool exit_enabled = false;
  std::vector<disabled_server> to_disable;  // said once: done when they take effect, and neither kept nor written

  // Compiled once: many files copy them.
  settings();
  settings(const settings&);
  settings(settings&&) noexcept;
  settings& operator=(const settings&);
  settings& operator=(settings&&) noexcept;
  ~settings();
  bool operator==(const settings&) const;
};

// Whether there are rules that say who may send commands over TCP; without, who is on this machine.
bool names_operators(const settings& s);
inline constexpr std::string_view how_to_name_operators = "`acl 9 permit ADDRESS` and `control_acl 9`";

}  // namespace holdfast
