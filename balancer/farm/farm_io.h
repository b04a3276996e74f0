// Everything the control thread keeps running: workers, services, country database, access log; and how new settings
// take effect: all that can fail is prepared first, then the difference is committed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "balancer/farm/server_log.h"
#include "balancer/farm/service_io.h"
#include "balancer/logs/access_log_io.h"
#include "balancer/names/name_lookup_io.h"
#include "balancer/table/table_keeper_io.h"
#include "balancer/worker/worker_io.h"
#include "base/ring.h"
#include "cli/settings/finding.h"
#include "cli/settings/settings.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

// What brings new settings. But for a command, names are looked up again, the access log is reopened and the country
// database read again. At the start a bad country database is only reported, and lines for the access log wait until
// open_log(): the file is to belong to who we are going to be. rehearsal: nothing is opened, made or changed. Only a
// start waits for names, a moment.
enum class occasion : std::uint8_t { start, reload, command, rehearsal };

class farm {
 public:
  // Starts the workers (they have nothing to do yet). changed: called whenever a listener or a server may have come,
  // gone, or changed its state; not for a blacklisting that ends. settled: called by workers when peers that follow a
  // table should hear of it at once; must not block. Whoever uses a service's replication_watermark ends before the
  // farm does. state_dir: where client tables outlive the process; "" = nowhere.
  farm(
      boost::asio::io_context& io, unsigned workers, std::function<void()> changed,
      std::function<void()> settled = [] {}, const std::string& state_dir = {});
  ~farm();

  // Makes `wanted` the truth, or says in a sentence why not and changes nothing. last: done when all else is prepared;
  // it may still refuse.
  using last_step = std::function<result<void, std::string>()>;
  result<void, std::string> change(const settings& wanted, occasion why, const last_step& last);

  // Why a start would fail, as far as can be said without opening anything: all of it.
  findings rehearse(const settings& wanted);

  // Waits until all names in there have had their answer, at most so long. While nobody is served.
  void await_names(const settings& wanted, duration most);

  // What host names mean, as far as is known.
  const name_book& names() const { return lookups_.known(); }

  // Opens again what has been taken away under us, and notes which addresses this machine has. Once a second or so.
  // files: those of sockets can be seen; from a jail they can't.
  void look_after(bool files);

  const settings& current() const { return current_; }
  const acl_table& acls() const { return acls_; }
  const std::map<std::string, std::unique_ptr<service>>& services() const { return services_; }
  service* find(std::string_view name);  // null: none
  worker_list& workers() { return workers_; }
  std::size_t worker_count() const { return workers_.size(); }

  // Calls done once, on the control thread, with the running connections of all workers, oldest first.
  void connections(const connection_query& which, std::function<void(std::vector<connection_row>)> done);

  // Every worker beats on a copy of that socket from here on. False when there is no room for the copies (errno).
  bool beat_on(int agent);

  // True when every worker has gone round its loop since this was last true; the first time, since its start. An idle
  // one does so every 100 ms.
  bool all_went_round();

  // Opens the access log where it is: after the start, and again for who has renamed the file. The error is a sentence.
  result<void, std::string> open_log();
  std::uint64_t lost_access_lines() const;

  void stop_accepting();
  std::uint32_t listener_count() const;
  std::uint32_t connection_count() const;

 private:
  struct change_set;
  result<change_set, findings> prepare(const settings& wanted, occasion why);
  result<line_writer::outlet, std::string> prepare_log(const settings& wanted, occasion why) const;
  result<std::shared_ptr<const country_database>, std::string> prepare_countries(const settings& wanted, occasion why);
  void commit(change_set made, const settings& wanted);
  void part_from(std::unique_ptr<service> gone);
  void welcome_back(const settings& wanted);
  void ask_for_names(const settings& wanted);
  void names_moved();
  service::means means_with(const settings& wanted, const acl_table& acls, const resolver& names, own_listeners& ours,
                            bool opens) const;
  std::optional<place> place_of_log(const settings& wanted) const;  // its host as an address
  void take_reports();
  void take(const server_failed& what);
  void take(const server_returned& what);
  void take(const accept_trouble& what);
  void take(const log_lines& what);
  service* by_number(std::uint32_t number);
  service* leaving(const std::string& name);
  void hold_claims();
  void look_at_addresses();
  void keep_tables();
  std::unique_ptr<service> make_service();
  void step();  // one piece of every resize under way

  boost::asio::io_context& io_;
  alarm stepping_;
  std::function<void()> changed_, settled_;
  std::unique_ptr<table_keeper> keeper_;  // null: nothing is kept
  ring<worker_report> reports_{4096};
  std::atomic<bool> told_{false};  // take_reports is on its way
  settings current_;
  name_lookup lookups_;
  std::map<std::string, std::unique_ptr<service>> services_;
  std::map<std::uint32_t, std::unique_ptr<service>> leaving_;  // by number: removed, but connections run on for a while
  driver<departures<std::uint32_t>> departures_;
  std::uint32_t next_service_ = 1;
  std::uint32_t next_listener_ = 1;
  acl_table acls_;  // of current_
  own_listeners ours_;
  std::shared_ptr<const country_database> countries_;
  access_log access_;
  std::optional<place> log_at_;  // its host as an address
  once_a_minute accept_log_;
  server_log server_log_;
  std::vector<std::uint64_t> beats_;  // of each worker, when all_went_round() was last true
  std::set<address> here_;            // of this machine, at the last look
  descriptor_budget files_;
  worker_list workers_;  // last: their threads use what stands above
};

}  // namespace holdfast
