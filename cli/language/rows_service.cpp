#include "cli/language/row.h"

namespace holdfast {

namespace {

using service = service_settings;
using listener = say::add_listener;

constexpr char permit[] = "permit";
constexpr char deny[] = "deny";
using verdict_word = either_word<permit, deny>;
using add_rule = say::add_network;
using add_country = say::add_country;

// Pen's netmask after an address. It changes the network read before it, and is never printed: the network says it all.
argument mask_of_network() {
  return {word_kind::mask, [] { return std::string("a netmask such as 255.255.255.0"); },
          [](std::string_view text, command& into) {
            prefix& net = as<add_rule>(into).network;
            const auto masked = prefix::parse(net.text(), text);  // refuses a network that has a length already
            if (masked) net = *masked;
            return masked.has_value();
          },
          [](const command&) { return std::optional<std::string>(); }};
}

}  // namespace

topic rows_of_services() {
  return {
      "Services",
      joined(says<say::begin_service>("service <service>",
                                      "Make a service; in a file the following lines are about it. In front of a "
                                      "command: that command is about this service. Without any, a command is "
                                      "about the service `default`.",
                                      of_daemon, {fill<&say::begin_service::name, service_word>()}),
             says<say::remove_service>("no service <service>", "Remove a service; its connections are closed.",
                                       of_daemon, {fill<&say::remove_service::name, service_word>()}),
             says<listener>("listen <place> [mode <mode>] [owner <user>] [group <group>]",
                            "Listen there, besides where the service listens already (Pen moves its one listener: "
                            "say `no listen` first). A range of ports is so many listeners. mode, owner, group: of the "
                            "file that a UNIX socket has.",
                            {},
                            {fill<&listener::where, listen_range_word>(), fill<&listener::mode, mode_word>(),
                             fill<&listener::owner, account_word>(), fill<&listener::group, account_word>()}),
             says<say::show_listeners>("listen", "", asks),
             says<say::remove_listener>("no listen [<place>]", "Listen there, or anywhere, no more.", {},
                                        {fill<&say::remove_listener::where, listen_range_word>()}),
             value<&service::conn_max, conn_max_word>(
                 "conn_max", "<connections>",
                 "Most connections at once (500; of a service with a name auto: as many as there are descriptors "
                 "for). At the limit no more are accepted; those that run are kept."),
             value<&service::backlog, count_word<least_backlog, most_backlog>>(
                 "backlog", "<connections>", "Most connections that wait to be accepted (500)."),
             value<&service::clients_max, count_word<1, max_clients>>(
                 "clients_max", "<clients>",
                 "Most clients remembered (2048). Beyond it the one seen least recently is forgotten."),
             says<say::client_prefix>("client_prefix <bits4> <bits6>",
                                      "Bits of an IPv4 and of an IPv6 address that make a client (32 128).", {},
                                      {fill<&say::client_prefix::four, count_word<1, 32, std::uint8_t>>(),
                                       fill<&say::client_prefix::six, count_word<1, 128, std::uint8_t>>()}),
             value<&service::tracking, time_word<>>("tracking", "<time>",
                                                    "Forget clients not seen for that long; 0 (the default): "
                                                    "never."))};
}

topic rows_of_connections() {
  return {
      "Connections",
      joined(value<&service::timeout, time_word<1>>("timeout", "<time>",
                                                    "How long a server may take to accept a connection (3s)."),
             value<&service::idle_timeout, time_word<>>("idle_timeout", "<time>",
                                                        "Close connections without traffic for so long; 0 (the "
                                                        "default): never."),
             value<&service::pending_max, count_word<1, 65'535>>("pending_max", "<connections>",
                                                                 "Most connections under way to one server "
                                                                 "(100). Beyond it new clients go to others."),
             value<&service::pending_total, count_word<1, max_connections>>(
                 "pending_total", "<connections>",
                 "Most connections under way to servers in all, of each worker (1000). Beyond it none are accepted."),
             flag<&service::tcp_nodelay>("tcp_nodelay", "Send small pieces at once (the default)."),
             flag<&service::keepalive>("keepalive", "Ask silent clients and servers if they are there (the default)."),
             value<&service::keepalive_time, time_word<1000, 3'600'000, 1000>>(
                 "keepalive_time", "<time>", "How long they may be silent before that (60s)."),
             value<&service::tcp_fastclose, fastclose_word>("tcp_fastclose", "up|down|both|off",
                                                            "Close both sides as soon as the server (up), the "
                                                            "client (down) or either closes its own."),
             optional<&service::source, address_word>("source", "<address>",
                                                      "Our own address in connections to servers."))};
}

topic rows_of_acls() {
  return {"Access lists",
          joined(says<add_rule>("acl <acl> permit|deny <network> [<mask>]",
                                "Add a rule to a list. The first rule that matches a client decides; if none does, the "
                                "opposite of the last rule; an empty list permits all.",
                                of_daemon,
                                {fill<&add_rule::acl, acl_word>(), fill<&add_rule::permit, verdict_word>(),
                                 fill<&add_rule::network, network_word>(), mask_of_network()}),
                 says<add_country>("acl <acl> permit|deny country <country>",
                                   "The same for clients from a country, as the database of `geoip` has it.", of_daemon,
                                   {fill<&add_country::acl, acl_word>(), fill<&add_country::permit, verdict_word>(),
                                    fill<&add_country::from, country_word>()}),
                 says<say::clear_acl>("no acl <acl>", "Empty a list: it permits all.", of_daemon,
                                      {fill<&say::clear_acl::acl, acl_word>()}),
                 value<&service_settings::client_acl, acl_word>("client_acl", "<acl>", "Who may be a client (0)."),
                 value<&settings::control_acl, acl_word>("control_acl", "<acl>", "Who may send commands over TCP (0)."),
                 optional<&settings::geoip, file_word>("geoip", "<file>", "A country database in MaxMind's format."))};
}

}  // namespace holdfast
