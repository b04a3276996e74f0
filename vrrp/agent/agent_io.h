// holdfast-vrrp as its operator meets it: configuration, groups, the wire, the balancer's link, control socket,
// signals, orderly stop. Decides nothing but what to build. One thread: the io_context's.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/loop/drive_io.h"
#include "base/loop/notify_io.h"
#include "base/loop/signals_io.h"
#include "cli/control/control_io.h"
#include "cli/settings/settings.h"
#include "vrrp/agent/event_file_io.h"
#include "vrrp/agent/group_io.h"
#include "vrrp/agent/status.h"
#include "vrrp/agent/watch_io.h"
#include "vrrp/agent/wire_io.h"
#include "vrrp/election/history.h"
#include "vrrp/front/known_links.h"
#include "vrrp/kernel/link_io.h"
#include "vrrp/kernel/netlink_io.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

struct agent_options {
  std::string config_file;
  std::string node;
  std::string run_dir;
};

result<settings, std::string> read_config(const agent_options& options);

class agent {
 public:
  // Takes part in the elections from here on; throws one sentence when the start can't succeed. manager: hears READY
  // from the first turn of the loop, and that we are alive as long as the loop turns.
  agent(boost::asio::io_context& io, agent_options options, const settings& first, event_file& events,
        notifier manager = {});
  ~agent();

  // Reads the file again; on an error nothing has changed.
  result<void, std::string> reload();
  result<void, std::string> change(const settings& wanted);
  result<std::string, std::string> write(const std::string& file);  // "" = the file loaded; gives the file's name
  result<void, std::string> undo() { return change(file_); }        // what was said since
  void on_signal(int number);
  void stop();  // gives everything up in order, and ends the loop

  const settings& current() const { return current_; }
  const agent_options& options() const { return options_; }
  std::string control_path() const;
  const std::map<std::string, std::unique_ptr<group_driver>>& groups() const { return groups_; }
  const history& past() const { return history_; }
  agent_facts facts() const;  // valid until something happens
  instant started() const { return started_; }

 private:
  struct prepared;
  result<prepared, std::string> prepare(const settings& wanted) const;
  void commit(prepared what, const settings& wanted);
  void renew_groups(std::vector<std::pair<group_plan, hmac_policy>> wanted);
  void introduce_nodes();
  void renew_wire(const settings& wanted, std::optional<result<cluster_keys, std::string>> keys);
  void retry_wire();
  void renew_watch();
  std::unique_ptr<group_driver> make_group(group_plan plan, hmac_policy hmac);

  link_watch::listener listening();
  void look();
  void settle();
  wire_callbacks wire_hooks();
  std::vector<wire_status> peers() const;
  void report();
  void renew_leases();
  void moved(const std::string& group, const group::moved& what);
  void noted(const std::string& group, const group::noted& what);
  void remember(event_record e);

  boost::asio::io_context& io_;
  agent_options options_;
  event_file& event_file_;
  instant started_;
  settings current_;
  settings file_;  // as it was read or written last
  history history_;
  netlink kernel_;
  known_links front_;
  std::map<std::string, std::unique_ptr<group_driver>> groups_;
  std::map<std::string, std::string> peers_seen_;  // node -> software, while connected
  std::unique_ptr<wire> wire_;
  std::string wire_trouble_;
  std::string wire_keys_;  // which the wire has
  std::unique_ptr<watch> watch_;
  link_watch link_watch_;
  alarm renewing_;
  control_server control_;
  signals signals_;
  supervision manager_;
};

}  // namespace holdfast
