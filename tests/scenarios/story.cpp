#include "tests/scenarios/story.h"

#include <optional>
#include <sstream>

#include "balancer/flow/access_log.h"
#include "cli/configuration/apply.h"
#include "cli/language/grammar.h"
#include "cli/language/words.h"
#include "tests/sim/service_world.h"

namespace holdfast::sim {

namespace {

constexpr duration patience = 60s;  // until a visit has come to something
constexpr duration tick = 5ms;

class teller {
 public:
  // Throws what went wrong.
  void line(const std::string& text) {
    words_ = std::istringstream(text);
    const std::string verb = word();
    if (verb.empty() || verb.front() == '#') return;
    verb == "at" ? at() : sentence(verb);
    if (world_ && !world_->complaints().empty()) throw world_->complaints().front();
  }

 private:
  void sentence(const std::string& verb) {
    if (verb == "say") return say();
    if (verb == "kill") return world().set(word(), condition::refuses);
    if (verb == "hang") return world().set(word(), condition::hangs);
    if (verb == "reset") return world().set(word(), condition::resets);
    if (verb == "revive") return world().set(word(), condition::alive);
    if (verb == "blacklist") return blacklist();
    if (verb == "client") return client();
    if (verb == "crowd") return crowd();
    if (verb == "expect") return expect(0s);
    if (verb == "within") return within();
    throw "no such sentence: " + verb;
  }

  std::string word() {
    std::string out;
    words_ >> out;
    return out;
  }

  duration time() {
    const std::string said = word();
    const auto read = read_time(said);
    if (!read) throw "expected a time, not " + said;
    return *read;
  }

  std::uint64_t number() {
    const std::string said = word();
    const auto read = read_number(said);
    if (!read) throw "expected a number, not " + said;
    return *read;
  }

  void demand(const std::string& said) {
    const std::string found = word();
    if (found != said) throw "expected " + said + ", not " + found;
  }

  service_world& world() {
    if (!world_) world_.emplace(settings_, 1);
    return *world_;
  }

  void at() {
    const instant when = instant(1h) + time();
    if (when < world().now()) throw std::string("time runs backwards");
    world().run_until(when);
    sentence(word());
  }

  void say() {
    std::string command;
    std::getline(words_ >> std::ws, command);
    const auto said = parse(command, source::file);
    if (!said) throw said.error().text();
    const auto done = apply(settings_, *said);
    if (!done) throw done.error().why;
    if (world_) world_->configure(settings_);
  }

  void blacklist() {
    const std::string server = word();
    world().blacklist(server, time());
  }

  // Opens a connection and lets time pass until it has reached a server or is over.
  std::uint64_t visit(const address& from, duration stays) {
    const std::uint64_t number = world().open(from, stays);
    const instant limit = world().now() + patience;
    while (world().of(number).open && world().of(number).server.empty() && world().now() < limit) {
      world().run_until(world().now() + tick);
    }
    return number;
  }

  std::string where(std::uint64_t connection) {
    const outcome& end = world().of(connection);
    if (!end.server.empty()) return end.server;
    if (end.why == close_reason::refused_by_acl) return "refused";
    if (end.why == close_reason::no_server) return "nobody";
    return std::string(name_of(end.why));
  }

  void client() {
    const std::string said = word();
    const auto from = address::parse(said);
    if (!from) throw "expected an address, not " + said;
    const std::string verb = word();
    if (verb == "leaves") return world().leave(last_.at(*from));
    if (verb == "vanishes") return world().vanish(last_.at(*from));
    if (verb == "is") return is_closed(*from);
    if (verb != "expects" && verb != "holds") throw "a client does not know how to " + verb;
    const std::uint64_t number = visit(*from, verb == "holds" ? max_stay : 0ms);
    last_[*from] = number;
    const std::string expected = word(), came_to = where(number);
    if (came_to != expected) throw "expected " + expected + ", came to " + came_to;
    if (verb == "expects") world().leave(number);
  }

  void is_closed(const address& from) {
    demand("closed");
    const std::string expected = word();
    const outcome& end = world().of(last_.at(from));
    if (end.open) throw std::string("it is still open");
    if (name_of(end.why) != expected) throw "it was closed for another reason: " + std::string(name_of(end.why));
  }

  void crowd() {
    const std::uint64_t size = number();
    demand("expects");
    const std::string server = word(), range = word();
    const auto dots = range.find("..");
    const auto low = read_number(range.substr(0, dots)),
               high = read_number(range.substr(std::min(dots + 2, range.size())));
    if (!low || !high) throw std::string("expected LOW..HIGH in percent");
    std::uint64_t there = 0;
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint64_t connection = visit(address::v4(0x0b000000 + ++crowd_), 0ms);
      there += where(connection) == server;
      world().leave(connection);
    }
    const std::uint64_t share = 100 * there / std::max<std::uint64_t>(size, 1);
    if (share < *low || share > *high) throw server + " got " + std::to_string(share) + " %";
  }

  void within() {
    const duration limit = time();
    demand("expect");
    expect(limit);
  }

  void expect(duration limit) {
    const std::string whom = word(), what = word();
    std::optional<std::uint64_t> count;
    if (const auto read = read_number(what)) {
      count = *read;
      demand("connections");
    }
    const instant end = world().now() + limit;
    while (!holds(whom, what, count)) {
      if (world().now() >= end) throw "it is not so: " + whom + " " + what;
      world().run_until(world().now() + tick);
    }
  }

  bool holds(const std::string& whom, const std::string& what, std::optional<std::uint64_t> count) {
    if (whom == "panic") return world().current().panic(world().now()) == (what == "on");
    const server* which = world().find(whom);
    if (which == nullptr) throw "no server " + whom;
    if (count) return which->live->connections == *count;
    const bool listed = which->live->is_blacklisted(world().now()) || which->live->is_disabled_for_now(world().now());
    if (what == "up" || what == "down") return which->live->up == (what == "up");
    if (what == "blacklisted") return listed;
    if (what == "listed_no_more") return !listed;
    throw "nothing to expect of a server: " + what;
  }

  std::istringstream words_;
  settings settings_;
  std::optional<service_world> world_;
  std::map<address, std::uint64_t> last_;  // connection of each client
  std::uint32_t crowd_ = 0;
};

}  // namespace

std::string tell(std::string_view text) {
  teller t;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    try {
      t.line(line);
    } catch (const std::string& trouble) {
      return "line " + std::to_string(number) + ": " + trouble + "  (" + line + ")";
    }
  }
  return "";
}

}  // namespace holdfast::sim
