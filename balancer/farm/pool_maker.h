// From settings to a pool: who the servers of a service are, and were before; a server that is wanted again, or under
// another name, is the same. Remembers every server that it was asked for; opens nothing.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "balancer/choice/pool.h"
#include "balancer/farm/renames.h"
#include "balancer/names/resolver.h"
#include "balancer/table/server_names.h"
#include "balancer/table/table_file.h"
#include "cli/settings/settings.h"

namespace holdfast {

class pool_maker {
 public:
  // What a pool is made with.
  struct means {
    const acl_table& acls;
    const resolver& names;
    std::uint32_t most_connections = max_connections;  // where the settings leave it to us
    std::set<address> moving = {};                     // addresses that come and go with a role
  };
  // Not yet the truth: what is dropped has changed nothing but what is remembered.
  struct outcome {
    std::shared_ptr<pool> next;  // without its clients
    std::vector<rename> renamed;
    std::map<server_id, std::string> successors;
  };

  // number: of the service. followed: see pool.
  pool_maker(std::uint32_t number, std::shared_ptr<replication_watermark> followed)
      : number_(number), followed_(std::move(followed)) {}

  // The error has a line for each thing that is wrong. A server whose name is not known has no address as long.
  result<outcome, std::string> make(const service_settings& wanted, const means& with);

  // It is the truth from now on, and comes of these settings.
  void adopt(const outcome& what, const service_settings& wanted);

  // Whether some name of a server means other addresses now than in the pool.
  bool is_elsewhere(const resolver& names) const;

  // Whom the ids in a table of clients mean, as it is to be kept on disk.
  std::vector<table_file_head::server> kept() const;

  const std::shared_ptr<const pool>& current() const { return pool_; }  // null: none is adopted yet
  const service_settings& wanted() const { return wanted_; }
  const std::shared_ptr<server_names>& names() const { return names_; }
  const std::shared_ptr<replication_watermark>& followed() const { return followed_; }

 private:
  struct known_server {
    server_id id = 0;
    std::shared_ptr<server_live> live;
  };

  // The same server has the same id as long as it is remembered. Null when all ids have been given out.
  const known_server* know(const std::string& identity);
  result<server, std::string> make_server(const server_settings& said, std::string identity, const means& with,
                                          const std::vector<std::uint16_t>& ports, const rename* as);
  result<std::optional<server>, std::string> make_extra(const std::optional<place>& said, const char* name,
                                                        const means& with);
  result<std::shared_ptr<pool>, std::string> make_pool(const service_settings& wanted, const means& with,
                                                       const std::vector<rename>& renamed);
  std::map<server_id, std::string> successors(const service_settings& wanted, const std::vector<rename>& renamed);

  std::uint32_t number_;
  std::shared_ptr<replication_watermark> followed_;
  std::shared_ptr<service_live> live_ = std::make_shared<service_live>();
  service_settings wanted_;
  std::shared_ptr<const pool> pool_;
  std::map<std::string, known_server> known_;  // by identity
  std::shared_ptr<server_names> names_ = std::make_shared<server_names>();
  std::map<server_id, std::string> successors_;  // identities of what were other servers before: clients know these ids
};

// The ports at which a service has listeners, sorted.
std::vector<std::uint16_t> ports_of(const service_settings& said, const resolver& names);

}  // namespace holdfast
