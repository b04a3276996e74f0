#include <algorithm>

#include "cli/language/row.h"
#include "cli/language/suggest.h"

namespace holdfast {

namespace {

// node NAME address HOST:PORT
template <auto Member, class Word>
argument fill_node() {
  return {Word::is, [] { return Word::expects(); },
          [](std::string_view text, command& into) {
            auto value = Word::read(text);
            if (value) as<say::add_node>(into).node.*Member = *value;
            return value.has_value();
          },
          [](const command& from) {
            return std::optional<std::string>(Word::print(as<say::add_node>(from).node.*Member));
          }};
}

// What begins as a command does; whether it is one, the grammar says.
struct command_word {
  static constexpr word_kind is = word_kind::whole_command;
  static std::string expects() { return "a command for holdfast-balancer"; }
  static std::optional<std::string> read(std::string_view text) {
    const auto& known = first_words();
    const bool begins = std::binary_search(known.begin(), known.end(), text.substr(0, text.find(' ')));
    return begins ? std::optional<std::string>(text) : std::nullopt;
  }
  static std::string print(const std::string& value) { return value; }
};

rows of_nodes() {
  using key = say::set_cluster_key;
  return joined(
      says<say::add_node>(
          "node <node> address <address>",
          "A box of the cluster and where its peers reach it. `on <node>` in front of a command: on that node only.",
          in_files, {fill_node<&node_settings::name, node_word>(), fill_node<&node_settings::where, peer_word>()}),
      says<key>("cluster key <file> [next <file>]",
                "The key by which the nodes know each other, the same on all. While it is replaced: the next one is "
                "accepted, too.",
                of_both, {fill<&key::file, file_word>(), fill<&key::next, file_word>()}),
      says<say::show_cluster_key>("cluster key", "", asks_either),
      says<say::no_cluster_key>("no cluster key", "", of_both),
      says<say::new_cluster_key>("cluster key new <file>", "Make a key in a new file, for root alone.", runs_procedure,
                                 {fill<&say::new_cluster_key::file, file_word>()}),
      flag<&settings::sync>("sync",
                            "Tell the other nodes which server each client has, and hear it from them (the default, "
                            "when there are other nodes and a key)."),
      flag<&settings::sync_confirm>("sync confirm",
                                    "The first answer to a client that got a server waits until another node knows of "
                                    "it, but never longer than 20 ms (the default)."));
}

rows of_all_nodes() {
  return joined(
      says<say::cluster>("cluster", "All nodes on one screen: roles, what they know of each other's clients, fitness.",
                         asks_daemon),
      says<say::check_cluster>("cluster check", "Compare the tables of clients now; `cluster` shows the outcome.",
                               orders_daemon),
      says<say::flush_cluster>("cluster flush", "Wait until every node that is connected has confirmed all news.",
                               orders_daemon),
      says<say::wait_synced>("cluster wait-synced [timeout <time>]",
                             "Wait until the nodes are in sync; refused if they are not within the time (60s).",
                             runs_procedure, {fill<&say::wait_synced::timeout, time_word<1>>()}),
      says<say::switch_over>("cluster switchover [<group>] [to <node>]",
                             "Hand the addresses of the groups that are active here over to another node. Refused "
                             "unless it is in sync and "
                             "fit; says how long it took. This node stands by then: see `vrrp standby`.",
                             runs_procedure,
                             {fill<&say::switch_over::of, group_word>(), fill<&say::switch_over::to, node_word>()}),
      says<say::drill>("cluster drill [<group>] [probe <place>]",
                       "Rehearse a failover: hand over, take back, and meanwhile connect to a service at the virtual "
                       "address every 5 ms. Says how long each took and the longest time without a connection.",
                       runs_procedure, {fill<&say::drill::of, group_word>(), fill<&say::drill::probe, peer_word>()}),
      says<say::load_on_all>("cluster load <file>",
                             "Let this file take the place of every node's configuration file, and make what it says: "
                             "on all nodes or on none. What is the agent's takes effect with `reload` on each node.",
                             orders_daemon, {fill<&say::load_on_all::file, file_word>()}),
      says<say::on_all_nodes>("cluster <command>",
                              "Say a command of the balancer's on every node; each one's answer is shown. A change is "
                              "made on all of them or on none.",
                              orders_daemon, {fill<&say::on_all_nodes::text, command_word>()}));
}

}  // namespace

topic rows_of_cluster() { return {"The cluster", joined(of_nodes(), of_all_nodes())}; }

}  // namespace holdfast
