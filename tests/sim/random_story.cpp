#include "tests/sim/random_story.h"

#include "balancer/flow/access_log.h"
#include "tests/sim/oracle.h"
#include "tests/sim/service_world.h"

namespace holdfast::sim {

namespace {

constexpr int acts = 120;
constexpr std::uint32_t most_clients = 30;

class storyteller {
 public:
  storyteller(std::uint64_t seed, const std::function<void(const std::string&)>& say)
      : random_(seed), say_(say), wanted_(make_settings()), world_(wanted_, random_()) {}

  std::string tell() {
    for (int i = 0; i < acts && world_.complaints().empty(); ++i) {
      world_.run_until(world_.now() + std::chrono::milliseconds(one_in(4) ? upto(4000) : upto(60)));
      act();
    }
    if (world_.complaints().empty()) recover();
    if (world_.complaints().empty()) end();
    return world_.complaints().empty() ? trouble_ : world_.complaints().front();
  }

 private:
  std::uint32_t upto(std::uint32_t most) { return static_cast<std::uint32_t>(random_() % (std::uint64_t{most} + 1)); }
  bool one_in(std::uint32_t n) { return random_() % n == 0; }
  void say(const std::string& what) {
    if (say_) say_(std::to_string((world_.now() - instant(1h)) / 1ms) + " ms: " + what);
  }
  address some_client() { return address::v4(0x0a000000 + upto(most_clients - 1)); }
  std::string some_server() { return "web" + std::to_string(upto(5)); }

  server_settings make_server(const std::string& name) {
    server_settings s{.name = name, .where = {.host = "10.0.1.1", .port = "80", .path = ""}};
    if (one_in(8)) s.where.host.clear();
    if (one_in(4)) s.max = 1 + upto(4);
    if (one_in(4)) s.hard = 1 + upto(6);
    s.weight = upto(3);
    s.prio = upto(2);
    if (one_in(6)) s.acl = "few";
    s.drain = one_in(10);
    return s;
  }

  settings make_settings() {
    settings all;
    all.acls["few"] = {{one_in(2), prefix{address::v4(0x0a000000), 127 - 2}}};
    service_settings& s = all.services[default_service];
    for (std::uint32_t i = 0, count = upto(5); i <= count; ++i)
      s.servers.push_back(make_server("web" + std::to_string(i)));
    if (one_in(3)) s.emergency = place{.host = "10.0.2.1", .port = "80", .path = ""};
    if (one_in(3)) s.abuse = place{.host = "10.0.2.2", .port = "80", .path = ""};
    if (one_in(4)) s.client_acl = "few";
    s.roundrobin = one_in(6);
    s.prio = one_in(5);
    s.weight = one_in(4);
    s.least = one_in(4);
    s.hash = one_in(3);
    s.stubborn = one_in(8);
    s.peek = one_in(4);
    s.blacklist = std::chrono::seconds(upto(20));
    s.timeout = std::chrono::milliseconds(100 + upto(3000));
    s.tracking = std::chrono::seconds(one_in(3) ? 1 + upto(60) : 0);
    s.idle_timeout = std::chrono::milliseconds(one_in(2) ? 100 + upto(5000) : 0);
    s.slow_start = std::chrono::seconds(one_in(3) ? upto(20) : 0);
    s.clients_max = 1 + upto(one_in(2) ? 5 : 2 * most_clients);
    if (one_in(4)) s.client_prefix4 = static_cast<std::uint8_t>(28 + upto(4));
    if (one_in(2))
      s.check = {.how = check_kind::tcp,
                 .every = std::chrono::milliseconds(200 + upto(3000)),
                 .rise = 1 + upto(2),
                 .fall = 1 + upto(2)};
    return all;
  }

  void act() {
    switch (upto(20)) {
      case 0: return put(some_server(), condition::refuses, " refuses");
      case 1: return put(some_server(), condition::hangs, " hangs");
      case 2: return put(some_server(), condition::resets, " resets");
      case 3:
      case 4:
      case 5: return put(some_server(), condition::alive, " is alive");
      case 6:
        return put(one_in(2) ? "emergency" : "abuse", one_in(2) ? condition::alive : condition::refuses, " changes");
      case 7: return reload();
      case 8: return world_.leave(upto(most_));
      case 9: return world_.vanish(upto(most_));
      default: return open();
    }
  }

  void put(const std::string& server, condition how, const char* word) {
    if (world_.find(server) == nullptr) return;
    say(server + word);
    world_.set(server, how);
  }

  // As a browser does it: several at once.
  void open() {
    const address from = some_client();
    const std::uint32_t count = one_in(3) ? 2 + upto(4) : 1;
    for (std::uint32_t i = 0; i < count; ++i) open(from);
  }

  void open(const address& from) {
    const duration stays = one_in(8) ? max_stay : std::chrono::milliseconds(upto(one_in(3) ? 5000 : 50));
    most_ = static_cast<std::uint32_t>(world_.open(from, stays));
    say("connection " + std::to_string(most_));
  }

  // A few things change; the rest stays.
  void reload() {
    say("reload");
    service_settings& now = wanted_.services[default_service];
    const settings other = make_settings();
    const service_settings& fresh = other.services.at(default_service);
    switch (upto(6)) {
      case 0: now.servers = fresh.servers; break;
      case 1: now.clients_max = fresh.clients_max; break;
      case 2: now.check = fresh.check; break;
      case 3:
        now.blacklist = fresh.blacklist;
        now.timeout = fresh.timeout;
        break;
      case 4:
        now.prio = fresh.prio;
        now.weight = fresh.weight;
        now.hash = fresh.hash;
        now.least = fresh.least;
        break;
      case 5:
        now.stubborn = fresh.stubborn;
        now.client_acl = fresh.client_acl;
        now.abuse = fresh.abuse;
        break;
      default:
        for (auto& s : now.servers) s.drain = one_in(3);
    }
    world_.configure(wanted_);
  }

  // Every server is well, blacklists and checks have had their time: whoever may be served is served at once.
  void recover() {
    for (const auto& s : world_.current().servers) world_.set(s.name, condition::alive);
    for (const char* extra : {"emergency", "abuse"}) {
      if (world_.find(extra) != nullptr) world_.set(extra, condition::alive);
    }
    world_.close_all();
    world_.run_until(world_.now() + 60s);
    for (const auto& s : world_.current().servers) {
      if (!s.live->up) trouble_ = s.name + " is well, but down for ever";
    }
    for (std::uint32_t i = 0; i < most_clients; ++i) {
      const std::uint64_t number = world_.open(address::v4(0x0a000000 + i), 0ms);
      world_.run_until(world_.now() + 50ms);
      const outcome& end = world_.of(number);
      if (end.open) trouble_ = "a connection that does not end";
      if (end.server.empty() && end.why != close_reason::refused_by_acl && end.why != close_reason::no_server) {
        trouble_ = "a client reached nobody: " + std::string(name_of(end.why));
      }
    }
  }

  void end() {
    world_.close_all();
    if (world_.open_connections() != 0) trouble_ = "connections that outlive the end";
    world_.run_until(world_.now() + 1ms);
    for (const auto& s : world_.current().servers) {
      if (s.live->connections != 0) trouble_ = s.name + " still counts connections";
    }
  }

  std::mt19937_64 random_;
  const std::function<void(const std::string&)>& say_;
  settings wanted_;
  service_world world_;
  std::uint32_t most_ = 0;
  std::string trouble_;
};

}  // namespace

std::string live(std::uint64_t seed, const std::function<void(const std::string&)>& say) {
  return storyteller(seed, say).tell();
}

}  // namespace holdfast::sim
