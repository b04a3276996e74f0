// A session as its driver sees it: each order in a word, in virtual time.
#pragma once

#include <gmock/gmock.h>

#include "sync/session.h"

namespace holdfast {

using namespace std::chrono_literals;

inline constexpr std::uint64_t wall_us = 1'700'000'000'000'000;  // at the beginning
inline constexpr stamp someday = 1'700'000'000'000ULL << 16;
inline constexpr sync_number web = 1, mail = 2;  // of ours
inline constexpr sync_number their_web = 11, their_mail = 12;

inline sync_hello hello_of(const std::string& node, std::uint64_t incarnation = 1) {
  return {.node = node, .software = "9.9", .incarnation = incarnation};
}

inline std::string text(stamp s) { return s >= someday ? "day+" + std::to_string(s - someday) : std::to_string(s); }
inline std::string text(entry_kind kind) {
  return kind == entry_kind::news ? "news" : kind == entry_kind::snapshot ? "snapshot" : "repair";
}

inline std::string text(const sync_message& what) {
  if (std::holds_alternative<sync_hello>(what)) return "hello";
  if (const auto* s = std::get_if<sync_service>(&what)) {
    return "service " + std::to_string(s->service) + ' ' + s->name + ' ' + std::to_string(s->capacity);
  }
  if (const auto* s = std::get_if<sync_server>(&what)) return "server " + s->identity;
  if (const auto* s = std::get_if<sync_resume>(&what)) return "resume " + s->service + ' ' + text(s->upto);
  if (const auto* a = std::get_if<sync_ack>(&what)) return "ack " + std::to_string(a->service) + ' ' + text(a->upto);
  if (const auto* w = std::get_if<sync_want>(&what)) {
    return "want " + std::to_string(w->buckets.size()) + " of " + std::to_string(w->service);
  }
  if (std::holds_alternative<sync_ping>(what)) return "ping";
  if (std::holds_alternative<sync_pong>(what)) return "pong";
  if (std::holds_alternative<sync_status>(what)) return "status";
  return std::holds_alternative<sync_farewell>(what) ? "farewell" : "what?";
}

inline std::string text(const session_news& what) {
  if (const auto* c = std::get_if<session_connected>(&what)) return c->afresh ? "connected afresh" : "connected";
  if (const auto* l = std::get_if<session_lost>(&what)) return (l->farewell ? "left: " : "lost: ") + l->why;
  if (const auto* f = std::get_if<session_failed>(&what)) return "failed: " + f->why;
  if (const auto* s = std::get_if<session_in_sync>(&what)) return s->is ? "in sync" : "not in sync: " + s->why;
  if (const auto* c = std::get_if<session_confirmed>(&what)) {
    return "confirmed " + std::to_string(c->service) + ' ' + text(c->upto);
  }
  if (const auto* r = std::get_if<session_repaired>(&what)) {
    return "repairs " + std::to_string(r->buckets) + " of " + std::to_string(r->service);
  }
  if (const auto* c = std::get_if<session_clocks>(&what)) {
    return std::string(c->apart ? "clocks apart " : "clocks agree ") + std::to_string(c->ahead_us / 1'000'000);
  }
  return "heard " + text(std::get<session_heard>(what).what);
}

struct in_words {
  std::string operator()(const session::dial&) const { return "dial"; }
  std::string operator()(const session::hang_up&) const { return "hang up"; }
  std::string operator()(const session::send& o) const { return "say " + text(o.what); }
  std::string operator()(const session::introduce& o) const { return "introduce " + std::to_string(o.service); }
  std::string operator()(const session::seek& o) const {
    return "seek " + std::to_string(o.service) + ' ' + text(o.upto);
  }
  std::string operator()(const session::start_snapshot& o) const {
    return "start snapshot " + std::to_string(o.service);
  }
  std::string operator()(const session::start_repair& o) const {
    return "start repair " + std::to_string(o.service) + " of " + std::to_string(o.buckets.size());
  }
  std::string operator()(const session::send_entries& o) const {
    return "send " + text(o.kind) + ' ' + std::to_string(o.service) + (o.anyhow ? " anyhow" : "");
  }
  std::string operator()(const session::send_digest& o) const { return "send digest " + std::to_string(o.service); }
  std::string operator()(const session::merge& o) const { return "merge " + o.name; }
  std::string operator()(const session::compare& o) const {
    return "compare " + o.name + ' ' + std::to_string(o.capacity) + " after " + text(o.acknowledged) +
           (o.quiet ? " quiet" : "");
  }
  std::string operator()(const session::learn& o) const { return "learn " + o.service + ' ' + o.what.identity; }
  std::string operator()(const session::tell& o) const { return text(o.what); }
};

// lb1's view of lb2, which it calls, or lb3's, which is called.
class seen_session {
 public:
  using words = std::vector<std::string>;

  explicit seen_session(const std::string& by = "lb1", std::uint64_t seed = 1)
      : machine(hello_of(by), "lb2", session_limits{}, seed, now), calls(by == "lb1") {}

  words on(const session::event& e) {
    words out;
    for (const auto& order : machine.on(e, now)) out.push_back(std::visit(in_words{}, order));
    return out;
  }
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
    on(session::merged{their_web, entry_kind::snapshot, 0, true});
  }
  // And it has resumed ours, and has all; nothing is under way.
  void follow(stamp upto = 0) {
    meet();
    tells_all();
    hear(sync_resume{"web", upto});
    sent(entry_kind::news, someday);
    on(session::drained{});
    sent(entry_kind::snapshot);
    on(session::digested{web, true});
    on(session::drained{});
    hear(sync_ack{web, someday});
  }
  // And we have all of it.
  void agree() {
    follow();
    on(session::merged{their_web, entry_kind::news, someday, false});
    on(session::merged{their_web, entry_kind::snapshot, 0, true});
    EXPECT_THAT(on(session::compared{their_web, {}}), testing::ElementsAre("in sync"));
  }
  words sent(entry_kind kind, stamp upto = 0, bool more = false, bool any = true) {
    return on(session::sent{web, kind, upto, more, any});
  }

  instant now{1h};
  session machine;
  bool calls;

 private:
  static void append(words& to, words what) { to.insert(to.end(), what.begin(), what.end()); }
};

}  // namespace holdfast
