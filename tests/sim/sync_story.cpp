#include "tests/sim/random_story.h"
#include "tests/sim/sync_world.h"

namespace holdfast::sim {

namespace {

using namespace std::chrono_literals;
constexpr int acts = 50;

class sync_storyteller {
 public:
  sync_storyteller(std::uint64_t seed, const std::function<void(const std::string&)>& say)
      : random_(seed), world_(make_nodes(), random_(), say) {}

  std::string tell() {
    for (std::size_t n = 0; n < world_.nodes(); ++n) world_.start(n);
    for (int i = 0; i < acts && world_.complaints().empty(); ++i) {
      run(one_in(6) ? 1ms * upto(4000) : 100us * upto(300));
      world_.watch();
      act();
    }
    if (world_.complaints().empty()) recover();
    return world_.complaints().empty() ? "" : world_.complaints().front();
  }

 private:
  std::uint32_t upto(std::uint32_t most) { return static_cast<std::uint32_t>(random_() % (std::uint64_t{most} + 1)); }
  bool one_in(std::uint32_t n) { return random_() % n == 0; }
  std::size_t somebody() { return random_() % world_.nodes(); }
  void run(duration how_long) { world_.run_until(world_.now() + how_long); }

  std::vector<sync_node_setup> make_nodes() {
    clients_ = 5 + upto(60);
    small_ = one_in(3);
    std::vector<sync_node_setup> made;
    const std::uint32_t capacity = some_capacity();
    for (std::uint32_t n = 0, count = one_in(4) ? 3 : 2; n < count; ++n) {
      made.push_back({.name = "lb" + std::to_string(n + 1),
                      .capacity = one_in(8) ? some_capacity() : capacity,
                      .skew_ms = some_skew(),
                      .priority = upto(2)});
    }
    return made;
  }
  std::uint32_t some_capacity() { return small_ ? 3 + upto(clients_) : 200; }

  // As clocks are; a minute apart; or hours, for who sets them by hand.
  std::int64_t some_skew() {
    const std::uint32_t most = one_in(3) ? 5 * 3'600'000 : one_in(2) ? 60'000 : 400;
    return static_cast<std::int64_t>(upto(2 * most)) - most;
  }

  void act() {
    const std::size_t who = somebody();
    const std::size_t other = (who + 1) % world_.nodes();
    switch (upto(22)) {
      case 0: return world_.crash(who, one_in(2));
      case 1:
      case 2: return world_.start(who);
      case 3: return world_.stop(who);
      case 4: return world_.save(who);
      case 5: return world_.lose_disk(who);
      case 6: return world_.cut(who, other, true);
      case 7:
      case 8: return world_.cut(who, other, false);
      case 9: return world_.reset(who, other);
      case 10: return world_.slow(who, other, one_in(2) ? 200us : 1ms * (1 + upto(50)));
      case 11: return small_ ? world_.resize(who, some_capacity()) : world_.check_all();
      case 12: return world_.forget(who, upto(clients_));
      case 13: return crowd(who);
      case 14: return world_.set_clock(who, one_in(3) ? 0 : some_skew());
      case 15: return world_.pin(who, upto(clients_));
      case 16: return world_.drain(who, upto(3));
      default: return crowd(world_.active());
    }
  }

  void crowd(std::size_t n) {
    if (n == world_.nodes()) return;
    for (std::uint32_t i = 0, count = upto(one_in(4) ? 40 : 5); i < count; ++i) {
      world_.visit(n, upto(clients_));
      if (one_in(2)) run(1us * upto(500));
      if (!world_.alive(n)) return;
    }
  }

  // Whatever happened: once all is well, all know the same.
  void recover() {
    world_.heal();
    for (std::size_t n = 0; n < world_.nodes(); ++n) world_.start(n);
    run(30s);
    world_.watch();
    world_.must_agree();
  }

  std::mt19937_64 random_;
  std::uint32_t clients_ = 0;
  bool small_ = false;
  sync_world world_;
};

}  // namespace

std::string live(std::uint64_t seed, const std::function<void(const std::string&)>& say) {
  return sync_storyteller(seed, say).tell();
}

}  // namespace holdfast::sim
