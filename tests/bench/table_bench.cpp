// What the client table and the choice of a server cost. The bar: find and touch at most 0.6 us among a million
// clients.
#include <benchmark/benchmark.h>

#include <random>

#include "balancer/flow/flow.h"
#include "balancer/table/client_table.h"
#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

address client(std::uint64_t number) { return address::v4(static_cast<std::uint32_t>(number)); }

// Clients in random order, to be walked through again and again.
std::vector<address> crowd(std::uint32_t from, std::uint32_t count) {
  std::vector<address> out;
  for (std::uint32_t i = 0; i < count; ++i) out.push_back(client(std::uint64_t{from} + i));
  std::shuffle(out.begin(), out.end(), std::mt19937_64(1));
  return out;
}

void fill(client_table& table, const std::vector<address>& clients) {
  table.know(1, identity_hash("web1"));
  for (const auto& c : clients) table.settle(c, 1, wall_at(0s));
}

void find_and_touch(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  client_table table(count, 1);
  fill(table, crowd(0, count));
  auto clients = crowd(0, count);
  std::shuffle(clients.begin(), clients.end(), std::mt19937_64(2));  // not in the order of the slots
  std::size_t next = 0;
  for (auto _ : state) {
    const auto server = table.find(clients[next], wall_at(1s), 0s);
    benchmark::DoNotOptimize(table.settle(clients[next], server.value_or(1), wall_at(1s)));
    if (++next == clients.size()) next = 0;
  }
  state.counters["bytes_per_client"] = static_cast<double>(client_table::bytes_for(count)) / count;
}
BENCHMARK(find_and_touch)->Arg(2048)->Arg(65'536)->Arg(1'000'000)->Arg(16'000'000);

// A short connection of a client that is known, while thousands of others are connected. The bar: a hundredth of a
// connection, some 0.2 us, more than find and touch.
void come_and_go(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  client_table table(count, 1);
  fill(table, crowd(0, count));
  auto clients = crowd(0, count);
  std::shuffle(clients.begin(), clients.end(), std::mt19937_64(2));
  std::vector<client_visit> connected(count / 16);
  for (std::size_t i = 0; i < connected.size(); ++i) table.settle(clients[i], 1, wall_at(1s), &connected[i]);
  std::size_t next = 0;
  for (auto _ : state) {
    client_visit visit;
    const auto server = table.find(clients[next], wall_at(1s), 0s, &visit);
    benchmark::DoNotOptimize(table.settle(clients[next], server.value_or(1), wall_at(1s), &visit));
    table.leave(clients[next], visit, wall_at(1s), 1, 1);
    if (++next == clients.size()) next = 0;
  }
}
BENCHMARK(come_and_go)->Arg(2048)->Arg(1'000'000);

void miss(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  client_table table(count, 1);
  fill(table, crowd(0, count));
  const auto strangers = crowd(1U << 31, count);
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.find(strangers[next], wall_at(1s), 0s));
    if (++next == strangers.size()) next = 0;
  }
}
BENCHMARK(miss)->Arg(2048)->Arg(1'000'000);

// A new client for a full table: someone else must go.
void settle_and_evict(benchmark::State& state) {
  const auto count = static_cast<std::uint32_t>(state.range(0));
  client_table table(count, 1);
  fill(table, crowd(0, count));
  std::uint64_t number = 1U << 31;
  for (auto _ : state) table.settle(client(++number * 0x9e3779b1U), 1, wall_at(1s));
}
BENCHMARK(settle_and_evict)->Arg(2048)->Arg(1'000'000);

// All workers of a machine use one table.
void find_from_all_threads(benchmark::State& state) {
  static client_table table(1'000'000, 1);
  static const std::vector<address> clients = [] {
    auto made = crowd(0, 1'000'000);
    fill(table, made);
    return made;
  }();
  std::mt19937_64 random(static_cast<std::uint64_t>(state.thread_index()));
  for (auto _ : state) benchmark::DoNotOptimize(table.find(clients[random() % clients.size()], wall_at(1s), 0s));
}
BENCHMARK(find_from_all_threads)->Threads(1)->Threads(2)->UseRealTime();

void choose(benchmark::State& state, bool service_settings::* rule) {
  service_settings policy;
  if (rule != nullptr) policy.*rule = true;
  pool p = made_pool(static_cast<std::size_t>(state.range(0)), policy);
  for (auto& s : p.servers) s.weight = 1;
  std::uint64_t random = 1;
  for (auto _ : state) {
    const client_facts who = made_client(static_cast<std::uint32_t>(random & 0xffff));
    order o(p, who, at(0s), random += 0x9e3779b97f4a7c15);
    benchmark::DoNotOptimize(o.next(p, who, at(0s)));
  }
}
BENCHMARK_CAPTURE(choose, roundrobin, nullptr)->Arg(10)->Arg(1000);
BENCHMARK_CAPTURE(choose, weight, &service_settings::weight)->Arg(10)->Arg(1000);
BENCHMARK_CAPTURE(choose, least, &service_settings::least)->Arg(10)->Arg(1000);
BENCHMARK_CAPTURE(choose, hash, &service_settings::hash)->Arg(10)->Arg(1000);

void whole_flow(benchmark::State& state) {
  const pool p = made_pool(3);
  for (auto _ : state) {
    flow f(p);
    benchmark::DoNotOptimize(f.on(flow::accepted{made_client(1), 1}, at(0s)));
    benchmark::DoNotOptimize(f.on(flow::connected{}, at(0s)));
    benchmark::DoNotOptimize(f.on(flow::finished{}, at(0s)));
  }
}
BENCHMARK(whole_flow);

}  // namespace
}  // namespace holdfast
