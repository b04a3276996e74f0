#include "cli/language/row.h"

namespace holdfast {

namespace {

using service = service_settings;
constexpr char drain[] = "drain";
constexpr char enable[] = "enable";
using amount_word = count_word<0, max_of_server>;
using change_server = say::change_server;

using interval_word = time_word<100>;
using times_word = count_word<1, 100>;
using check_tcp = say::check_tcp;
using check_http = say::check_http;
using check_port_word = count_word<1, 65'535, std::uint16_t>;

}  // namespace

topic rows_of_servers() {
  return {
      "Servers",
      joined(
          says<change_server>(
              "server <server> [acl <acl>] [address <address>] [port <port>] [max <connections>] "
              "[hard <connections>] [weight <weight>] [prio <prio>] [drain|enable] [blacklist <time>]",
              "Make a server (give its address), or change it. max: most connections, 0 for any "
              "number; hard: the same for clients that were here before; it only adds room, and 0 adds none. "
              "Without a port the listener's is used; with port 0, as with address 0, the server is an empty slot. "
              "drain: no new clients; those who know the server may return. blacklist: choose it no more for so long; "
              "0: choose it again.",
              {},
              {fill<&change_server::name, server_word>(), fill<&change_server::acl, acl_word>(),
               fill<&change_server::address, server_address_word>(), fill<&change_server::port, port_word>(),
               fill<&change_server::max, amount_word>(), fill<&change_server::hard, amount_word>(),
               fill<&change_server::weight, amount_word>(), fill<&change_server::prio, amount_word>(),
               fill<&change_server::drain, either_word<drain, enable>>(),
               fill<&change_server::blacklist, time_word<>>()}),
          says<say::drain_server>(
              "server <server> drain for <time>",
              "No new clients, and after so long its connections that are left are closed.", {},
              {fill<&say::drain_server::name, server_word>(), fill<&say::drain_server::time, time_word<>>()}),
          says<say::drain_and_wait>(
              "server <server> drain wait [timeout <time>]",
              "No new clients, and wait until its last connection has ended. Also said as "
              "`drain --wait`.",
              runs_procedure_for_service,
              {fill<&say::drain_and_wait::name, server_word>(), fill<&say::drain_and_wait::timeout, time_word<>>()}),
          says<say::remove_server>(
              "no server <server> [after <time>]",
              "Remove a server. Its connections may run on for so long (drain_time); then those "
              "that are left are closed.",
              {}, {fill<&say::remove_server::name, server_word>(), fill<&say::remove_server::after, time_word<>>()}),
          value<&service::drain_time, time_word<>>("drain_time", "<time>",
                                                   "How long connections to a server may run on when it has been "
                                                   "removed (30s)."),
          value<&service::departed, time_word<>>("departed", "<time>",
                                                 "Connections over an address of this machine that it has lost are "
                                                 "closed after so long (2s), unless it is back."),
          set_alone<&service::server_down, time_word<1>>(
              "server_down close after", "<time>",
              "Connections on which nothing has come from a server since checks found it down are closed after "
              "so long (10s)."),
          says<say::server_down_keep>("server_down keep", "They are kept.", {}),
          optional<&service::emergency, host_word>("emergency", "<address>", "The server for when no other is left."),
          optional<&service::abuse, host_word>("abuse", "<address>",
                                               "The server for clients that client_acl refuses; without it they "
                                               "are closed."))};
}

topic rows_of_choosing() {
  return {
      "Choosing a server",
      joined(
          flag<&service::roundrobin>("roundrobin", "Do not remember clients: each connection gets the next server."),
          flag<&service::prio>("prio", "First the servers with the lowest prio."),
          flag<&service::weight>("weight", "The server with the fewest connections for its weight."),
          flag<&service::least>("least", "The server with the fewest connections."),
          flag<&service::hash>("hash",
                               "The client's address decides, so that a client that is not remembered "
                               "meets the same server again, and at the same host in every service with these hosts. "
                               "With roundrobin its port decides, too."),
          flag<&service::stubborn>("stubborn", "If the first choice fails, close; try no other server."),
          flag<&service::peek>("peek", "Choose only when the client's first bytes are here."),
          says<say::peek_for>("peek <time>", "The same, but wait for them no longer than that (3s).", {},
                              {fill<&say::peek_for::time, time_word<1>>()}),
          value<&service::peek_max, count_word<1, max_connections>>(
              "peek_max", "<clients>",
              "Most clients of a worker that wait so (1000). Who comes then is given a server at once."),
          flag<&service::dummy>("dummy", "Answer HTTP ourselves; for tests."),
          says<say::mode>("mode", "How servers are chosen.", asks),
          value<&service::blacklist, time_word<>>("blacklist", "<time>",
                                                  "Choose a server that failed no more for so long (30s)."),
          value<&service::slow_start, time_word<>>("slow_start", "<time>",
                                                   "A server that returns gets its full share only after so "
                                                   "long; 0 (the default): at once."),
          value<&service::panic, count_word<0, 100, std::uint8_t>>(
              "panic", "<percent>",
              "Use servers that checks find down, too, when fewer of them than that are up; 0 (the default): only "
              "when none is."))};
}

topic rows_of_checks() {
  return {"Checks",
          joined(says<check_tcp>(
                     "check tcp [port <port>] [every <time>] [rise <times>] [fall <times>]",
                     "Ask each server every so often (2s) whether it takes connections. `rise` successes (2) make "
                     "it alive, `fall` failures (3) dead. port: asked instead of the server's.",
                     {},
                     {fill<&check_tcp::port, check_port_word>(), fill<&check_tcp::every, interval_word>(),
                      fill<&check_tcp::rise, times_word>(), fill<&check_tcp::fall, times_word>()}),
                 says<check_http>(
                     "check http <path> [host <name>] [port <port>] [expect <statuses>] [every <time>] [rise <times>] "
                     "[fall <times>]",
                     "The same by `GET path`; alive is who answers with one of these statuses (200-399). host: of "
                     "the request's Host line; without it the server's name.",
                     {},
                     {fill<&check_http::path, target_word>(), fill<&check_http::host, host_header_word>(),
                      fill<&check_http::port, check_port_word>(), fill<&check_http::expect, statuses_word>(),
                      fill<&check_http::every, interval_word>(), fill<&check_http::rise, times_word>(),
                      fill<&check_http::fall, times_word>()}),
                 says<say::show_check>("check", "", asks),
                 says<say::no_check>("no check", "Learn from failed connections alone.", {}))};
}

}  // namespace holdfast
