// The running program as its operator meets it: configuration file, control sockets, signals, orderly stop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "balancer/daemon/agent_link_io.h"
#include "balancer/daemon/daemon_options.h"
#include "balancer/farm/farm_io.h"
#include "balancer/show/answers.h"
#include "base/loop/mailbox_io.h"
#include "base/loop/notify_io.h"
#include "base/loop/signals_io.h"
#include "cli/control/control_io.h"
#include "cli/language/command.h"
#include "cli/settings/settings.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

class cluster;

// What a configuration file says, or one sentence with file, line and column. text: as if it stood in the file.
result<settings, std::string> read_config(const daemon_options& options, const std::optional<std::string>& text = {});

// To Pen a configuration file that is not there is one without lines.
bool lacks_its_file(const daemon_options& options);

// Why a start with these settings would fail, as far as can be said without listening anywhere or making a file; and
// what would go without failing it: names that don't resolve. Waits for names, some seconds at most.
findings rehearse(const settings& wanted);

class daemon {
 public:
  // Listens, serves and answers from here on; throws one sentence when the start can't succeed. The process gives its
  // rights up, when all sockets are open and before the access log is. manager: hears READY from the first turn of the
  // loop, and that we are alive as long as the loop and all workers go round.
  daemon(boost::asio::io_context& io, daemon_options options, const settings& first, notifier manager = {});
  ~daemon();

  // Reads the file again and reopens logs; on an error nothing has changed. Refused once we are stopping, as every
  // change is: it would open again what has been closed.
  result<void, std::string> reload();
  result<void, std::string> undo();         // all that was changed since the file was read or written
  std::vector<std::string> orders() const;  // servers that are not as in the file: "web/1"
  result<void, std::string> change(settings wanted, occasion why = occasion::command);
  result<std::string, std::string> write(const std::string& file);  // "" = the file loaded; gives the file's name
  void stop();
  bool was_interrupted() const { return interrupted_; }  // SIGINT has ended us

  farm& servers() { return farm_; }

  cluster& others() { return *cluster_; }
  const daemon_options& options() const { return options_; }
  std::string control_text() const;
  std::vector<const pool*> pools() const;
  process_facts facts() const;

  // The status page, of one service or of all (""); done is called once, on this thread.
  void make_page(const std::string& service, std::function<void(std::string)> done);

 private:
  control_server::handler_type answering();
  result<void, std::string> read_again();
  void file_was_read(const settings& loaded);
  std::string written(const std::string& file) const;
  void listen_for_operators();
  result<void, std::string> listen_for_control(const std::optional<endpoint>& where);
  void look_after_sockets();
  void say_warnings() const;
  bool may_control(const address& from) const;
  void listen_for_agents();
  void give_up_rights();
  void join_others();
  void servers_changed();
  condition condition_now() const;
  void on_signal(int number);
  void hang_up();
  void hand_over();
  void wait_until_drained();
  void in_a_moment(duration wait, void (daemon::*what)());
  void write_statistics();

  boost::asio::io_context& io_;
  daemon_options options_;
  instant started_;
  agent_link agents_;
  bell wake_ups_;                       // of workers, for the other nodes
  farm farm_;                           // after agents_, which it tells of changes
  std::unique_ptr<cluster> cluster_;    // after farm_, whose tables it shares
  control_server control_;              // ours, and TCP
  std::optional<endpoint> control_at_;  // where that listens for TCP
  control_server pen_control_;          // the path of -C
  signals signals_;
  alarm draining_;
  void (daemon::*then_)() = nullptr;  // when draining_ rings
  alarm looking_;
  once_a_minute lost_sockets_;
  settings file_;  // as it was read or written last
  std::optional<instant> stop_at_;
  bool interrupted_ = false;
  instant hand_over_until_;
  supervision manager_;
};

}  // namespace holdfast
