// One service as the control thread keeps it: what outlives a reload (ids, counters, client table, checks) and how
// settings become a pool and listeners. A change is prepared whole, then committed; a prepared change that is dropped
// has changed nothing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "balancer/choice/pool.h"
#include "balancer/farm/departures.h"
#include "balancer/farm/listeners_io.h"
#include "balancer/farm/own_listeners.h"
#include "balancer/farm/pool_maker.h"
#include "balancer/farm/server_checks_io.h"
#include "balancer/logs/access_log_io.h"
#include "balancer/names/resolver.h"
#include "balancer/table/shared_service.h"
#include "balancer/table/table_file_io.h"
#include "balancer/worker/worker_io.h"
#include "base/loop/drive_io.h"
#include "cli/settings/settings.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

class service {
 public:
  struct change {
    pool_maker::outcome servers;
    std::vector<listeners::opened> opened;
    service_settings wanted;
    std::shared_ptr<client_table> clients;  // of a new service
  };

  // number: of the service, for the life of the process. next_listener: counts listeners over all services. workers:
  // outlive it. moved: called when the check of a server changed its verdict. followed: who follows its clients; null =
  // nobody ever does.
  service(boost::asio::io_context& io, std::uint32_t number, std::uint64_t seed, std::uint32_t& next_listener,
          worker_list& workers, std::function<void()> moved, std::shared_ptr<replication_watermark> followed = {});

  // What a change is prepared with; all services of a farm share it.
  struct means {
    const acl_table& acls;
    const resolver& names;
    own_listeners& ours;  // where this process listens; what is opened is added
    std::size_t workers;
    instant now;
    bool opens = true;                                 // listeners; false: names are resolved, and that is all
    std::string state_dir = {};                        // where a new service finds the clients it had; "" = nowhere
    std::uint32_t most_connections = max_connections;  // where the settings leave it to us
    std::set<address> moving = {};                     // addresses that come and go with a role
  };

  // Opens new listeners; the error has a line for each thing that is wrong, which begins as that of a file: "listen X:
  // WHY". A server whose name is not known has no address as long.
  result<change, std::string> prepare(const service_settings& wanted, const means& with);

  // Connections to servers that are no more are closed when the grace is over that was said for them, or else
  // drain_time; all others run on. A server that has another name at its place keeps connections, clients and figures.
  void commit(change prepared);

  // The grace of this server, should the next change remove it.
  void will_leave(const std::string& server, duration grace) { graces_[server] = grace; }

  // Its connections are closed after that time, unless it is enabled before.
  void close_after(std::string_view server, duration time);

  // Whether some name of a server means other addresses now than in the pool.
  bool is_elsewhere(const resolver& names) const { return servers_.is_elsewhere(names); }

  void close_listeners();  // listens no more; connections run on
  void retire();           // ... and its servers are not checked any more
  void close_connections();
  void look_after(bool files);  // the files of its listeners, and what keeps clients out; once a second or so

  // Of this machine: nobody hears any more what connections over one say that has left, so they are closed after
  // `departed`, unless it comes back before.
  void address_left(const address& which) { moved_away_.feed(departures<address>::left{which, wanted().departed}); }
  void address_came(const address& which) { moved_away_.feed(departures<address>::came_back{which}); }

  void connect_failed(server_id which) { checks_.connect_failed(which); }
  bool disable_for(std::string_view server, duration how_long);  // the operator's blacklisting; false: no such server
  bool step();                                                   // moves a piece of a resize; true while there is more

  const pool& current() const { return *servers_.current(); }
  const service_settings& wanted() const { return servers_.wanted(); }
  shared_service shared() const;  // for the sync channel
  kept_table kept() const;        // what is to be found after a restart
  const server* find_server(std::string_view name) const;
  std::vector<endpoint> listening() const { return doors_.places(); }

 private:
  std::shared_ptr<client_table> make_table(const service_settings& wanted, const means& with) const;
  void part_from(const pool& former);
  void close_flows_of(server_id gone);
  void heard(const server_checks::news& what);
  void watch_panic();  // says when it begins and ends

  std::uint32_t number_;
  std::uint64_t seed_;
  pool_maker servers_;
  std::shared_ptr<client_table> clients_;
  std::map<std::string, duration> graces_;  // by name, until the next change
  worker_list& workers_;
  std::function<void()> moved_;
  bool panicking_ = false;
  once_a_minute returned_log_;
  once_a_minute problem_log_;
  listeners doors_;
  server_checks checks_;
  driver<departures<server_id>> leaving_;
  driver<departures<server_id>> drained_;
  driver<departures<address>> moved_away_;
};

}  // namespace holdfast
