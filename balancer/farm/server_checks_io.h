// The active checks of a service's servers: of each server, or of each port of one that has none of its own.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "balancer/farm/check_plan.h"
#include "balancer/health/server_check_io.h"

namespace holdfast {

class server_checks {
 public:
  struct news {
    std::string server;  // its name
    std::string at;      // what was asked: "10.0.0.1:80", several with commas
    server_news what;
    std::string why;
  };
  // sweep: see health::sweep; of a server with ports, while all of them are down.
  server_checks(boost::asio::io_context& io, std::uint64_t seed, std::function<void(const news&)> heard,
                std::function<void(server_id which, bool closes)> sweep)
      : io_(io), seed_(seed), heard_(std::move(heard)), sweep_(std::move(sweep)) {}
  ~server_checks() { stop(); }

  // As the pool's policy says; checks that go on keep their verdict. port: where a server without one is asked, 0 =
  // nowhere.
  void renew(const std::shared_ptr<const pool>& of, std::uint16_t port);
  void stop();

  void connect_failed(server_id which);

 private:
  void run(check_key which, const server& s, std::vector<endpoint> at, std::shared_ptr<reach_live> live);
  void tell(check_key which, server_news what, const std::string& why);
  void sweep(check_key which, bool closes) const;

  boost::asio::io_context& io_;
  std::uint64_t seed_;
  std::function<void(const news&)> heard_;
  std::function<void(server_id, bool)> sweep_;
  std::shared_ptr<const pool> of_;
  struct running {
    std::vector<endpoint> at;
    std::shared_ptr<server_check> check;
  };
  std::map<check_key, running> all_;
};

}  // namespace holdfast
