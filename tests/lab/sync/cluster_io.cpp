#include <boost/json.hpp>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "tests/lab/sync/cluster.h"
#include "tests/lab/vrrp/pair_config.h"

namespace holdfast::lab {
namespace {

namespace json = boost::json;

constexpr const char* some_key = "d3b07384d113edec49eaa6238ad5ff00c157a79031e1c40f85931829bc5fc552\n";

json::array rows(const json::value& all, const char* table) {
  const json::value* found = all.as_object().if_contains(table);
  return found != nullptr && found->is_array() ? found->as_array() : json::array();
}

std::string text(const json::value& v) { return v.is_string() ? std::string(v.as_string()) : std::string(); }

long number_of(const json::value& v) {
  json::error_code none;
  const auto value = v.to_number<long>(none);
  return none ? -1 : value;
}

}  // namespace

cluster::cluster(const arrangement& a) : arrangement_(a) {
  for (const char* range : {"10.9.0.0/16", "fd00:9::/64"}) scene_.crowd().own(range);
  for (const int number : {1, 2}) {
    lb(number).machine().route("10.9.0.0/16", "10.0.0.2");
    lb(number).machine().route("fd00:9::/64", "fd00::2");
    if (a.remembers) lb(number).remember_clients();
  }
  key_ = scene_.files().write("cluster.key", some_key);
  std::filesystem::permissions(key_, std::filesystem::perms(0600));
}

std::string cluster::file() const {
  pair_config w{.six = true, .priority = arrangement_.priority};
  w.services = our_services() + "clients_max " + std::to_string(arrangement_.table) + "\nconn_max " +
               std::to_string(arrangement_.connections) + "\npending_max 5000\npending_total 5000\nbacklog 4096\n" +
               arrangement_.services;
  if (arrangement_.key) w.key = key_;
  if (!arrangement_.confirm) w.more = "no sync confirm\n";
  if (arrangement_.patient) w.more += "vrrp front patience 2s\n";
  return our_text(w);
}

void cluster::start(int number) { lb(number).start_ours(file()); }

void cluster::stop(int number) {
  for (program* p : {&lb(number).agent(), &lb(number).balancer()}) {
    p->ask_to_end();
    if (!p->first().wait(5s)) throw std::runtime_error(lb(number).name() + " does not end:\n" + lb(number).said());
  }
}

void cluster::start() {
  const int first = arrangement_.priority[0] > arrangement_.priority[1] ? 1 : 2;
  start(first);
  start(3 - first);
  if (!serves(first) || !synced()) throw std::runtime_error("the cluster does not come up:\n" + scene_.said());
}

cluster::answer cluster::ctl(int number, const std::string& command) const {
  const node& n = scene_.lb(number);
  std::vector<std::string> words{built("hfctl"), "--run-dir", n.run_directory()};
  std::istringstream all(command);
  for (std::string word; all >> word;) words.push_back(word);
  const std::filesystem::path output = n.run_directory() / "hfctl.out";
  std::filesystem::remove(output);
  process caller = n.machine().run(words, {.output = output});
  const auto status = caller.wait(60s);
  return {status.value_or(-1), caller.output()};
}

std::string cluster::tell(int number, const std::string& command) const {
  const answer said = ctl(number, command);
  if (said.status != 0)
    throw std::runtime_error("hfctl " + command + " on lb" + std::to_string(number) + ": " + said.text);
  return said.text;
}

cluster::report cluster::state(int number) const {
  report r;
  const answer said = ctl(number, "--json cluster");
  json::error_code broken;
  const json::value all = json::parse(said.text, broken);
  if (said.status != 0 || broken || !all.is_object()) return r;
  for (const json::value& node : rows(all, "nodes"))
    if (node.at("here") == true) {
      r.in_sync = node.at("in_sync") == true;
      r.why = text(node.at("state"));
    }
  for (const json::value& service : rows(all, "sync")) {
    r.equal = service.at("equal") == true;
    r.here = number_of(service.at("clients_here"));
    r.there = number_of(service.at("clients_there"));
    r.confirmed = number_of(service.at("confirmed"));
    r.timed_out = number_of(service.at("timed_out"));
    r.no_peer = number_of(service.at("no_peer"));
  }
  return r;
}

bool cluster::synced(duration limit) const {
  return eventually([&] { return state(1).in_sync && state(2).in_sync; }, limit);
}

bool cluster::equal(duration limit) const {
  for (const int number : {1, 2}) ctl(number, "cluster check");
  return eventually([&] { return state(1).equal && state(2).equal && state(1).here == state(2).here; }, limit);
}

bool cluster::serves(int number, duration limit) {
  const std::string name = lb(number).name();
  return eventually(
      [&] {
        for (const char* address : {virtual4, virtual6})
          if (scene_.holders(address) != std::vector{name}) return false;
        return ask(scene_.crowd(), at("192.0.2.2"), at(virtual4, 80), 500ms).starts_with('s') &&
               ask(scene_.crowd(), at("2001:db8::2"), at(virtual6, 80), 500ms).starts_with('s');
      },
      limit);
}

answers cluster::visit(const std::vector<address>& clients, int per_second) {
  return arrivals(scene_.crowd(), clients, per_second).wait();
}

std::vector<address> cluster::strangers(int count) {
  std::vector<address> all;
  for (int i = 0; i < count; ++i, ++strangers_) {
    const auto half = static_cast<std::uint32_t>(strangers_ / 2 + 1);
    if (strangers_ % 2 == 0) {
      all.push_back(address::v4((10U << 24) + (9U << 16) + half));
      continue;
    }
    address::bytes_type bytes = at("fd00:9::").bytes();
    for (std::size_t k = 0; k < 4; ++k) bytes.at(15 - k) = static_cast<std::uint8_t>(half >> (8 * k));
    all.emplace_back(bytes);
  }
  return all;
}

std::filesystem::path cluster::imported(int count) const {
  constexpr long some_time = 1'700'000'000'000;  // ms since 1970: long ago
  std::string lines = "service,client,server,assigned,used\n";
  for (int i = 0; i < count; ++i) {
    const std::string when = std::to_string(some_time + i);
    lines += "web," + address::v4((11U << 24) + static_cast<std::uint32_t>(i)).text() + ",10.0.1.1" +
             std::to_string(1 + i % 3) + ":80," + when + ',' + when + '\n';
  }
  return scene_.files().write("clients.csv", lines);
}

watch::watch(const host& crowd) : four_(crowd, at(virtual4, 80)), six_(crowd, at(virtual6, 80)) {
  eventually([&] { return four_.answered() > 20 && six_.answered() > 20; });
}

watch::report watch::end() {
  report sum;
  for (pulse* p : {&four_, &six_}) {
    const pulse::report r = p->stop();
    sum.outage = std::max(sum.outage, r.longest_gap);
    sum.lateness = std::max(sum.lateness, r.lateness);
  }
  return sum;
}

}  // namespace holdfast::lab
