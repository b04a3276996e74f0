// One service as the control thread keeps it: what outlives a reload (ids, counters, client table, checks) and how
// settings become a pool and listeners. A change is prepared whole, then committed; a prepared change that is dropped
// has changed nothing.
#pragma once

#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "balancer/choice/check_io.h"
#include "balancer/choice/pool.h"
#include "balancer/choice/resolve_io.h"
#include "balancer/claims.h"
#include "balancer/cluster/shared_service.h"
#include "balancer/log_io.h"
#include "balancer/loop/worker_io.h"
#include "balancer/table/table_file_io.h"
#include "base/descriptor_io.h"
#include "cli/configuration/settings.h"

namespace holdfast {

using worker_list = std::vector<std::unique_ptr<worker>>;

class service {
 public:
  struct listener {
    place said;
    endpoint where;
    std::vector<descriptor> sockets;  // one a worker; a UNIX socket only one
  };
  struct change {
    std::shared_ptr<pool> next;
    std::vector<listener> opened;
    service_settings wanted;
    std::shared_ptr<client_table> clients;  // of a new service
  };

  // number: of the service, for the life of the process. next_listener: counts listeners over all services. moved:
  // called when the check of a server changed its verdict. followed: who follows its clients; null = nobody ever does.
  // sweep: tells all workers.
  service(
      boost::asio::io_context& io, std::uint32_t number, std::uint64_t seed, std::uint32_t& next_listener,
      std::function<void()> moved, std::shared_ptr<followers> followed = {},
      std::function<void(const close_silent&)> sweep = [](const close_silent&) {});
  ~service();

  // What a change is prepared with; all services of a farm share it.
  struct means {
    const acl_table& acls;
    resolver& names;
    claims& ours;  // where this process listens; what is opened is added
    std::size_t workers;
    instant now;
    bool opens = true;           // listeners; false: names are resolved, and that is all
    std::string state_dir = {};  // where a new service finds the clients it had; "" = nowhere
  };

  // Resolves names and opens new listeners; the error is a sentence.
  result<change, std::string> prepare(const service_settings& wanted, const means& with);
  // Connections to servers that are no more are closed; all others run on.
  void commit(change prepared, worker_list& workers);

  // Listens no more (connections run on), or drops everything.
  void close_listeners(worker_list& workers);

  void connect_failed(server_id which);
  bool set_aside(std::string_view server, duration how_long);  // the operator's blacklisting; false: no such server
  bool step();                                                 // moves a piece of a resize; true while there is more

  const pool& current() const { return *pool_; }
  const service_settings& wanted() const { return wanted_; }
  shared_service shared() const;  // for the sync channel
  kept_table kept() const;        // what is to be found after a restart
  const server* find_server(std::string_view name) const;
  std::vector<endpoint> listening() const;

 private:
  struct known_server {
    server_id id = 0;
    std::shared_ptr<server_live> live;
  };
  struct bound {
    std::uint32_t number;
    place said;
    endpoint where;
  };

  result<server, std::string> make_server(const server_settings& said, std::string identity, const means& with);
  result<std::optional<server>, std::string> make_extra(const std::optional<place>& said, const char* name,
                                                        const means& with);
  result<std::vector<listener>, std::string> open_new(const service_settings& wanted, const means& with) const;
  // The same server has the same id as long as it is remembered. Null when all ids have been given out.
  const known_server* know(const std::string& identity);
  std::shared_ptr<client_table> make_table(const service_settings& wanted, const means& with) const;
  void renew_listeners(std::vector<listener> opened, worker_list& workers);
  void renew_checks();
  void heard(const std::string& server, server_news what, const std::string& why, std::uint16_t port);  // from a check
  void watch_panic();                                           // says when it begins and ends
  std::optional<endpoint> check_target(const server& s) const;  // none: there is no port to ask at

  boost::asio::io_context& io_;
  std::uint32_t number_;
  std::uint64_t seed_;
  service_settings wanted_;
  std::shared_ptr<const pool> pool_;
  std::shared_ptr<client_table> clients_;
  std::shared_ptr<followers> followed_;
  std::shared_ptr<service_live> live_;
  std::map<std::string, known_server> known_;  // by identity
  std::shared_ptr<server_names> names_ = std::make_shared<server_names>();
  std::vector<bound> bound_;
  std::map<server_id, std::shared_ptr<server_check>> checks_;
  std::uint32_t& next_listener_;
  std::function<void()> moved_;
  std::function<void(const close_silent&)> sweep_;
  bool panicking_ = false;
  once_a_minute returned_log_;
};

}  // namespace holdfast
