// Where a service listens: opened by the control thread, worked on by the workers. A path that is taken away under us
// is opened again.
#pragma once

#include <string>
#include <vector>

#include "balancer/farm/own_listeners.h"
#include "balancer/logs/access_log_io.h"
#include "balancer/names/resolver.h"
#include "balancer/sockets/listener_io.h"
#include "balancer/worker/worker_io.h"
#include "cli/settings/settings.h"

namespace holdfast {

using worker_list = std::vector<std::unique_ptr<worker>>;

class listeners {
 public:
  struct opened {
    place said;
    endpoint where;
    std::vector<descriptor> sockets;  // one a worker; a UNIX socket only one
    socket_file file;                 // of a UNIX socket
  };
  // What they are opened with.
  struct means {
    const resolver& names;
    own_listeners& ours;  // where this process listens; what is opened is added
    std::size_t workers;
    instant now;
    bool opens = true;  // false: names are resolved, and that is all
  };

  // service: its number. next: counts listeners over all services.
  listeners(std::uint32_t service, std::uint32_t& next) : service_(service), next_(next) {}

  // Those that are wanted and not yet there; the error has a line for each that can't be had. What is dropped again
  // leaves no file.
  result<std::vector<opened>, std::string> open_new(const service_settings& wanted, const means& with) const;

  // From now on these and no others: what isn't wanted any more is closed.
  void renew(std::vector<opened> fresh, const service_settings& wanted, worker_list& workers);
  void close_all(worker_list& workers);

  // UNIX sockets whose file has gone are opened again. Once a second or so.
  void look_after(const service_settings& wanted, worker_list& workers);

  std::vector<endpoint> places() const;
  std::uint16_t first_port() const;  // of the first that has one; 0 = none has

 private:
  struct bound {
    std::uint32_t number;
    place said;
    endpoint where;
    socket_file file;
    once_a_minute trouble = {};
  };

  static result<opened, std::string> open(const place& said, const endpoint& where, const service_settings& wanted,
                                          const means& with);
  std::uint32_t hand_over(opened& what, worker_list& workers);

  std::uint32_t service_;
  std::uint32_t& next_;
  std::vector<bound> all_;
};

}  // namespace holdfast
