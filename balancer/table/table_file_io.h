// Client tables on disk, so that clients keep their servers when both nodes were down: DIRECTORY/SERVICE.clients, read
// before the service listens. Nothing secret is in it but who came.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "balancer/table/restoring.h"
#include "base/result.h"

namespace holdfast {

std::string table_file_path(const std::string& directory, const std::string& service);

// A table, and whom its server ids mean.
struct kept_table {
  std::string service;
  std::shared_ptr<client_table> clients;
  std::vector<table_file_head::server> servers;
};

// Written beside the file that is there, mode 0600, then renamed over it: all of it or nothing. The table is locked for
// a piece at a time. go_on: asked between pieces; false gives up. One at a time for a table. How many entries it has;
// the error is a sentence.
result<std::uint64_t, std::string> save_table(const std::string& directory, const kept_table& what,
                                              const std::function<bool()>& go_on);

// ids: of our servers, by identity; the table knows them. Without a file nothing is restored. The error is a sentence,
// and then nothing is in the table.
result<restored, std::string> restore_table(const std::string& directory, const std::string& service,
                                            const std::map<std::string, server_id>& ids, unix_ms now,
                                            client_table& into);

}  // namespace holdfast
