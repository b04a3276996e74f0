// What this node is among the others, for the control thread: keeps the sync channel as the settings want it, tells the
// other nodes what happens here, does here what happened there, and answers what operators ask of all nodes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "balancer/agreement/agreement.h"
#include "balancer/cluster/change_of_all.h"
#include "balancer/cluster/cluster_secrets.h"
#include "balancer/cluster/cluster_status.h"
#include "balancer/cluster/server_agreement.h"
#include "balancer/cluster/sync_channel_io.h"
#include "balancer/farm/farm_io.h"
#include "balancer/show/answers.h"
#include "base/loop/drive_io.h"
#include "base/loop/mailbox_io.h"
#include "cli/control/control_io.h"
#include "cli/language/command.h"
#include "cli/reply/cluster_view.h"
#include "cli/settings/settings.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

class cluster {
 public:
  // What it needs of the daemon.
  struct means {
    farm& servers;
    std::function<process_facts()> facts;
    std::function<result<void, std::string>(const settings& wanted)> change;               // as a command does
    std::function<void(const std::string& line, control_server::respond_type)> carry_out;  // as an operator of ours
    std::function<void()> changed;                                                         // in_sync() is another
    std::string config_file;                                                               // ours, "" = none
    // What it would come to if this were its text; it has become that.
    std::function<result<settings, std::string>(const std::string& text)> read;
    std::function<void()> replaced;
  };

  // node: our name. wake_ups: rung by workers when clients have come; outlives this.
  cluster(boost::asio::io_context& io, std::string node, bell& wake_ups, means with);
  ~cluster();  // says farewell

  // What the configuration file says to each node, when it is read: what the others should have.
  void file_says(std::map<std::string, config_lines> to_each) { file_ = std::move(to_each); }

  // The settings are now those of the farm. Names are as they are, a key is read again.
  void renew();

  // Whether we know all that the others know of clients, and see as many servers alive as each of them; true where
  // there is no such company. Who can't say that is not to take the place of a living node.
  bool is_equal() const;

  // Nothing else may be changed now: a change of all nodes is under way.
  bool is_reserved() const { return agreement_.state().is_reserved() && !making_; }

  // Why there is no sync although there should be: a clause. "" = there is, or it is not wanted.
  const std::string& trouble() const { return trouble_; }

  void answer(const say::cluster_request& asked, control_server::respond_type respond);

  // Health or operators have changed a server; a role is another: the others hear of it.
  void tell_servers();
  void tell_status();

 private:
  void renew_channel();
  void say_trouble(const std::string& former) const;
  void retry();
  void serve();
  std::vector<const pool*> pools() const;
  template <class F>
  auto with_facts(F f) const;  // f(own_facts)
  sync_status status() const;
  void heard(const std::string& node, const sync_message& what);
  void take(const sync_server_state& told);

  // cluster_orders_io.cpp
  void met(const std::string& node, std::uint64_t connection, const session_connected& how);
  void lost(const std::string& node);
  void ordered(const std::string& node, const sync_order& what);
  void say_to(const std::string& node, const sync_message& what);
  void want(const std::string& text, control_server::respond_type respond);
  result<settings, std::string> settings_after(const std::string& change) const;
  result<void, std::string> would(const std::string& text) const;
  reply make(const std::string& text);
  result<void, std::string> keep();
  void agree(const agreement::event& what);
  void perform(const agreement::send& o);
  void perform(const agreement::rehearse& o);
  void perform(const agreement::make& o);
  void perform(const agreement::keep&);
  void perform(const agreement::undo&);
  void perform(const agreement::done& o);
  void keep_secrets();

  void perform(const say::cluster&, control_server::respond_type respond);
  void perform(const say::check_cluster&, const control_server::respond_type& respond);
  void perform(const say::flush_cluster&, control_server::respond_type respond);
  void perform(const say::on_all_nodes& order, control_server::respond_type respond);
  void perform(const say::load_on_all& order, control_server::respond_type respond);
  void flush(instant until, control_server::respond_type respond);
  void say_everywhere(const std::string& text, control_server::respond_type respond);

  boost::asio::io_context& io_;
  std::string node_;
  bell& wake_ups_;
  means with_;
  std::map<std::string, config_lines> file_;
  channel_settings settings_;  // of the channel, if there is one
  std::string keys_;           // which the channel has
  std::string key_doubt_;      // why they can't be read now, "" = they can
  std::string trouble_;        // why there is none although there should be, "" = none
  std::unique_ptr<sync_channel> channel_;
  bool in_sync_ = true;
  std::map<std::string, std::uint32_t> alive_there_;  // servers, as each connected node sees them
  hybrid_clock clock_;                                // of what operators say, and of secrets
  server_agreement servers_{clock_};
  cluster_secrets secrets_{clock_};
  runner<agreement> agreement_{agreement()};
  std::map<std::string, std::uint64_t> connections_;  // their numbers, by node
  bool making_ = false;
  change_in_hand last_;
  control_server::respond_type respond_;  // to whoever wants one
  alarm telling_;
  alarm agreeing_;
  alarm retrying_;
  duration pause_{};  // before the next try
};

}  // namespace holdfast
