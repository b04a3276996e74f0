// A service as the sync channel sees it.
#pragma once

#include <memory>
#include <string>

#include "balancer/table/client_table.h"
#include "balancer/table/replication_watermark.h"
#include "balancer/table/server_names.h"
#include "sync/entry.h"

namespace holdfast {

struct shared_service {
  sync_number number = 0;  // for the life of the process
  std::string name;
  std::shared_ptr<client_table> clients;
  std::shared_ptr<server_names> servers;
  std::shared_ptr<replication_watermark> shared;
};

}  // namespace holdfast
