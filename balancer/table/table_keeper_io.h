// Writes client tables to disk every few minutes, and in the end: on a thread of its own, so that nobody waits for the
// disk.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "balancer/table/table_file_io.h"
#include "base/machine.h"

namespace holdfast {

inline constexpr duration snapshot_interval = std::chrono::minutes(3);

class table_keeper {
 public:
  // directory: is made if it is missing.
  explicit table_keeper(std::string directory, duration interval = snapshot_interval);
  ~table_keeper();  // writes them all a last time, and waits for it
  table_keeper(const table_keeper&) = delete;
  table_keeper& operator=(const table_keeper&) = delete;

  // These from here on, each as soon as it is not as it was when it was first kept: what was restored is on disk. The
  // file of a table that is not kept any more stays as it is.
  void keep(std::vector<kept_table> all);

  const std::string& directory() const { return directory_; }

 private:
  // What a table was like when it was written last: it need not be again.
  struct state {
    const client_table* of = nullptr;
    stamp latest = 0;
    std::size_t size = 0;
    bool operator==(const state&) const = default;
  };

  void run(duration interval);
  void save_all(const std::function<bool()>& go_on);
  void save(const kept_table& which, const std::function<bool()>& go_on);
  static state state_of(const client_table& table);
  bool rest(duration how_long);  // false: it is time to stop

  std::string directory_;
  std::mutex lock_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::vector<kept_table> all_;
  std::map<std::string, state> written_;  // by service
  std::thread thread_;
};

}  // namespace holdfast
