#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <stdexcept>

#include "base/clock_io.h"
#include "tests/lab/clients.h"
#include "tests/lab/socket_address_io.h"

namespace holdfast::lab {

answers ask_all(const host& where, const std::vector<address>& clients, const endpoint& to, unsigned seed) {
  std::vector<address> order = clients;
  std::shuffle(order.begin(), order.end(), std::mt19937(seed));
  answers who;
  for (const address& client : order) who[client] = ask(where, client, to);
  return who;
}

namespace {

descriptor begin_connect(const host& where, const address& from, const endpoint& to) {
  const socket_address remote(to);
  descriptor fd = where.socket(remote.family(), SOCK_STREAM | SOCK_NONBLOCK);
  if (bind_source(fd.get(), from) != 0) throw std::runtime_error("no such client here: " + from.text());
  if (::connect(fd.get(), remote.get(), remote.length) != 0 && errno != EINPROGRESS)
    throw std::runtime_error("can't begin a connect to " + to.text());
  ::fcntl(fd.get(), F_SETFL, 0);
  return fd;
}

}  // namespace

std::map<address, std::set<std::string>> ask_in_parallel(const host& where, const std::vector<address>& clients,
                                                         const endpoint& to, int each, std::size_t batch,
                                                         duration patience) {
  std::map<address, std::set<std::string>> met;
  for (std::size_t first = 0; first < clients.size(); first += batch) {
    std::vector<std::pair<address, conversation>> all;
    for (std::size_t i = first; i < std::min(clients.size(), first + batch); ++i) {
      for (int n = 0; n < each; ++n) {
        all.emplace_back(clients[i], conversation(begin_connect(where, clients[i], to), patience));
      }
    }
    for (auto& [client, talk] : all) met[client].insert(talk.get());
  }
  return met;
}

std::map<std::string, int> count_by_server(const answers& who) {
  std::map<std::string, int> count;
  for (const auto& [client, server] : who) ++count[server];
  return count;
}

int differences(const answers& before, const answers& after) {
  return static_cast<int>(std::count_if(before.begin(), before.end(), [&](const auto& one) {
    const auto now = after.find(one.first);
    return now == after.end() || now->second != one.second;
  }));
}

prober::prober(const host& where, const address& from, const endpoint& to, duration pause)
    : thread_([this, &where, from, to, pause] { run(where, from, to, pause); }) {}

prober::~prober() { stop(); }

prober::report prober::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  report_.asked = asked_;
  return report_;
}

void prober::run(const host& where, address from, const endpoint& to, duration pause) {
  instant last_success = monotonic_now();
  while (!stopping_) {
    const bool well = ask(where, from, to).front() != '(';
    ++asked_;
    const instant done = monotonic_now();
    if (well) {
      report_.longest_gap = std::max(report_.longest_gap, done - last_success);
      last_success = done;
    } else {
      ++report_.failed;
    }
    std::this_thread::sleep_for(pause);
    report_.lateness = std::max(report_.lateness, monotonic_now() - done - pause);
  }
}

}  // namespace holdfast::lab
