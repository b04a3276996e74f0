#include "cli/language/row.h"

namespace holdfast {

topic rows_of_daemon() {
  return {
      "The daemon",
      joined(
          value<&settings::workers, count_word<0, max_workers>>(
              "workers", "<threads>", "Threads that carry connections; 0 (the default): one per core.", said::file),
          set_alone<&settings::control_tcp, tcp_word>("control", "<place>", "Take commands over TCP, too."),
          says<say::control>("control", "", asks_daemon), unset_row(key_of<&settings::control_tcp>, "control"),
          says<say::include>("include <file>", "Read commands from a file.", of_both,
                             {fill<&say::include::file, file_word>()}),
          says<say::reload>("reload",
                            "Read the configuration again; if anything is wrong, change nothing. What operators have "
                            "said of servers (drain, weight, limits) stays until `undo` or `write`.",
                            orders_both),
          says<say::undo>("undo", "Take back all that was changed since the file was read or written.", orders_both),
          value<&settings::resolve_every, time_word<>>(
              "resolve every", "<time>",
              "Look the names of servers up again so often (30s); 0: only at the start and at a reload."),
          says<say::write>("write [<file>]",
                           "Write the configuration to a file (default: the one it was read from), but not over one "
                           "with lines that would be lost: `on <node>` and `include`.",
                           orders_daemon, {fill<&say::write::file, file_word>()}),
          says<say::show_config>("show config", "The configuration, as `write` writes it.", asks_daemon),
          says<say::show_setting>("show <setting>", "Whether a setting is on, or what it is.", asks,
                                  {fill<&say::show_setting::words, rest_word>()}),
          flag<&settings::abort_on_error>("abort_on_error", "On a fatal error leave a core.", said::both),
          flag<&settings::exit_enabled>("exit_enabled", "Allow `exit`.", said::file),
          says<say::exit>("exit", "End the daemon, if it allows that (`exit_enabled`, or option -X).", orders_daemon),
          says<say::pid>("pid", "The process id of the daemon.", asks_daemon),
          says<say::help>("help [<word>]", "The commands, or those with a word.", asks_daemon,
                          {fill<&say::help::word, any_word>()}))};
}

topic rows_of_logs() {
  return {"Logs",
          joined(optional<&settings::log, log_word>("log", "<place>",
                                                    "Write a line for each connection to a file, or to a penlogd at "
                                                    "HOST:PORT or unix:PATH."),
                 value<&settings::format, log_format_word>(
                     "log format", "pen|json|paired",
                     "How such a line looks (pen). paired: Pen's, and after a tab the address and port from which the "
                     "server was reached, as a penlogd is told in any case."),
                 value<&settings::log_over, log_transport_word>(
                     "log over", "datagrams|tls",
                     "How lines go to a penlogd at HOST:PORT (datagrams). tls: with the cluster key, to a penlogd that "
                     "has it, too."),
                 optional<&settings::web_stats, file_word>("web_stats", "<file>",
                                                           "Write the status as HTML there on SIGUSR1."),
                 value<&settings::debug, count_word<0, 10>>(
                     "debug", "<level>",
                     "How much to tell (0). From 2 on what clients and servers say is in the log, too, secrets "
                     "included."),
                 flag<&settings::ascii>("ascii", "What they say as text; otherwise in hexadecimal digits."))};
}

topic rows_of_figures() {
  return {"Figures",
          joined(says<say::status>("status", "Everything at a glance (for penctl as HTML).", asks_daemon),
                 says<say::servers>("servers", "The servers, their limits and traffic.", asks),
                 says<say::recent>("recent [<time>]", "The clients of the last while (300s).", asks,
                                   {fill<&say::recent::within, time_word<>>()}),
                 says<say::clients>("clients [recent <time>] [limit <clients>]",
                                    "The clients remembered, most recent first, at most 1000.", asks,
                                    {fill<&say::clients::recent, time_word<>>(),
                                     fill<&say::clients::limit, count_word<1, 100'000>>()}),
                 says<say::client>("client <address>", "What is known of a client.", asks,
                                   {fill<&say::client::who, address_word>()}),
                 says<say::forget_client>("client <address> forget", "Forget a client: it will be given a server anew.",
                                          orders, {fill<&say::forget_client::who, address_word>()}),
                 says<say::pin_client>(
                     "client <address> pin <server>",
                     "Send a client to that server from its next connection on, as if it had been there last.", orders,
                     {fill<&say::pin_client::who, address_word>(), fill<&say::pin_client::server, server_word>()}),
                 says<say::export_clients>("clients export [<file>]",
                                           "All clients remembered as lines `service,client,server,assigned,used`, on "
                                           "standard output or in a new file. Times are UTC.",
                                           runs_procedure_for_service, {fill<&say::export_clients::file, file_word>()}),
                 says<say::import_clients>("clients import <file>",
                                           "Remember the clients in such a file, too. Of two servers for a client the "
                                           "one assigned later stays; times may be milliseconds since 1970.",
                                           runs_procedure, {fill<&say::import_clients::file, file_word>()}),
                 says<say::client_lines>("clients lines [after <where>]", "A piece of them; `clients export` asks so.",
                                         asks, {fill<&say::client_lines::after, any_word>()}),
                 says<say::put_clients>("clients put <lines>", "A few of them; `clients import` says so.",
                                        orders_daemon, {fill<&say::put_clients::lines, rest_word>()}),
                 says<say::connections>(
                     "connections [server <server>] [client <address>] [older <time>] [limit <connections>]",
                     "The connections that run, oldest first: all, or those of a server, of a client, of such an age; "
                     "with a limit those on which bytes have moved last.",
                     asks,
                     {fill<&say::connections::server, server_word>(), fill<&say::connections::client, address_word>(),
                      fill<&say::connections::older, time_word<>>(),
                      fill<&say::connections::limit, count_word<1, 100'000>>()}),
                 says<say::connection>("connection <number>", "One of them.", asks,
                                       {fill<&say::connection::id, identifier_word>()}),
                 says<say::socket>("socket <number>", "Which of them has that descriptor.", asks,
                                   {fill<&say::socket::number, count_word<0, max_connections>>()}),
                 says<say::close_connection>("close <number>", "Close it.", orders,
                                             {fill<&say::close_connection::id, identifier_word>()}),
                 says<say::close_server>("close server <server>", "Close all connections to a server.", orders,
                                         {fill<&say::close_server::name, server_word>()}),
                 says<say::close_client>("client <address> close", "Close all connections of a client.", orders,
                                         {fill<&say::close_client::who, address_word>()}))};
}

topic rows_of_compatibility() {
  return {"Of Pen",
          joined(says<say::idlers>("idlers [<connections>]",
                                   "Accepted without effect: no connection to a server begins before its client's.",
                                   of_daemon, {fill<&say::idlers::wanted, count_word<0, max_connections>>()}),
                 says<say::without_effect>("block|delayed_forward|epoll|kqueue|poll|select", "Accepted without effect.",
                                           of_daemon, {fill<&say::without_effect::word, chosen_word>()}),
                 says<say::no_without_effect>("no block|delayed_forward|http|idlers|transparent|udp", "", of_daemon,
                                              {fill<&say::no_without_effect::word, chosen_word>()}),
                 says<say::not_built>(
                     "dsr_if|dsr_ip|http|ssl_ciphers|ssl_client_renegotiation_interval|"
                     "ssl_ocsp_response|ssl_option|ssl_sni_path|tarpit_acl|transparent|udp [<anything>]",
                     "Not in this version: refused.", of_daemon,
                     {fill<&say::not_built::word, chosen_word>(), fill<&say::not_built::rest, rest_word>()}))};
}

}  // namespace holdfast
