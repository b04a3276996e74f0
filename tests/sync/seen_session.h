// A session as its driver sees it: each order in a word, in virtual time.
#pragma once

#include "tests/sync/orders_in_words.h"

namespace holdfast {

inline constexpr std::uint64_t wall_us = 1'700'000'000'000'000;  // at the beginning

inline sync_hello hello_of(const std::string& node, std::uint64_t incarnation = 1) {
  return {.node = node, .software = "9.9", .incarnation = incarnation};
}

// lb1's view of lb2, which it calls, or lb3's, which is called.
class seen_session {
 public:
  explicit seen_session(const std::string& by = "lb1", std::uint64_t seed = 1)
      : machine(hello_of(by), "lb2", session_limits{}, seed, now), calls(by == "lb1") {}

  words on(const session::event& e) { return said_by(machine.on(e, now)); }
  words hear(sync_message what) {
    const auto passed = static_cast<std::uint64_t>((now - instant(1h)) / 1us);
    return on(session::received{std::move(what), wall_us + passed});
  }
  words end(stream_end why) { return on(session::ended{why}); }
  words wait() {  // until something is due
    now = std::max(now, machine.deadline().value());
    return on(wake{});
  }
  words wait(duration how_long) {  // the other goes on pinging
    words out;
    for (const instant end = now + how_long; now < end;) {
      now = std::min(end, now + 100ms);
      hear(sync_ping{});
      while (machine.deadline() <= now) append(out, on(wake{}));
    }
    std::erase(out, "say ping");
    return out;
  }
  words have(std::vector<sync_service> all) { return on(session::services{std::move(all)}); }

  words connect(std::uint64_t incarnation = 1) {
    if (!calls) return on(session::called{hello_of("lb2", incarnation)});
    wait();
    on(session::opened{});
    return hear(hello_of("lb2", incarnation));
  }
  // Both have `web`; it has told of it.
  void meet(std::uint64_t incarnation = 1) {
    have({{web, 100, "web"}});
    connect(incarnation);
    hear(sync_service{their_web, 100, "web"});
    hear(sync_ping{});
  }
  // It has told all that it knows.
  void tells_all() {
    hear(sync_entries{.service = their_web, .kind = entry_kind::snapshot, .last = true, .packed = {}});
    on(receiver::merged{their_web, entry_kind::snapshot, 0, true});
  }
  // And it has resumed ours, and has all; nothing is under way.
  void follow(stamp upto = 0) {
    meet();
    tells_all();
    hear(sync_resume{"web", upto});
    sent(entry_kind::news, someday);
    on(sender::drained{});
    sent(entry_kind::snapshot);
    on(sender::digested{web, true});
    on(sender::drained{});
    hear(sync_ack{web, someday});
  }
  // And we have all of it.
  void agree() {
    follow();
    on(receiver::merged{their_web, entry_kind::news, someday, false});
    on(receiver::merged{their_web, entry_kind::snapshot, 0, true});
    EXPECT_THAT(on(receiver::compared{their_web, {}}), testing::ElementsAre("in sync"));
  }
  words sent(entry_kind kind, stamp upto = 0, bool more = false, bool any = true) {
    return on(sender::sent{web, kind, upto, more, any});
  }

  instant now{1h};
  session machine;
  bool calls;

 private:
  static void append(words& to, words what) { to.insert(to.end(), what.begin(), what.end()); }
};

}  // namespace holdfast
