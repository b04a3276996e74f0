#include "balancer/table/table_keeper_io.h"

#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/log_io.h"

namespace holdfast {

namespace {

constexpr unsigned pieces_in_a_row = 4;  // of a thousand entries, then the workers have the table to themselves
constexpr duration breath = std::chrono::milliseconds(1);

}  // namespace

table_keeper::table_keeper(std::string directory, duration interval) : directory_(std::move(directory)) {
  if (mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) {
    log::warn("state={} refused why=\"{}\"", directory_, std::strerror(errno));
  }
  thread_ = std::thread([this, interval] { run(interval); });
}

table_keeper::~table_keeper() {
  {
    const std::lock_guard guard(lock_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
  save_all([] { return true; });
}

void table_keeper::keep(std::vector<kept_table> all) {
  const std::lock_guard guard(lock_);
  all_ = std::move(all);
  for (const kept_table& one : all_) {
    state& before = written_[one.service];
    if (before.of != one.clients.get()) before = state_of(*one.clients);
  }
}

table_keeper::state table_keeper::state_of(const client_table& table) {
  return {.of = &table, .latest = table.latest(), .size = table.size()};
}

bool table_keeper::rest(duration how_long) {
  std::unique_lock guard(lock_);
  return !stop_.wait_for(guard, how_long, [this] { return stopping_; });
}

void table_keeper::run(duration interval) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are for the control thread
  unsigned pieces = 0;
  while (rest(interval)) {
    save_all([&] { return rest(++pieces % pieces_in_a_row == 0 ? breath : duration::zero()); });
  }
}

void table_keeper::save_all(const std::function<bool()>& go_on) {
  std::vector<kept_table> all;
  {
    const std::lock_guard guard(lock_);
    all = all_;
  }
  for (const kept_table& one : all) save(one, go_on);
}

void table_keeper::save(const kept_table& which, const std::function<bool()>& go_on) {
  const state now = state_of(*which.clients);
  {
    const std::lock_guard guard(lock_);
    if (written_[which.service] == now) return;
  }
  const auto done = save_table(directory_, which, go_on);
  if (done) {
    const std::lock_guard guard(lock_);
    written_[which.service] = now;
    log::debug("service={} clients=saved count={}", which.service, *done);
  } else if (go_on()) {
    log::warn("service={} clients=unsaved why=\"{}\"", which.service, done.error());
  }
}

}  // namespace holdfast
