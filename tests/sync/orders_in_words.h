// What sender, receiver and session order, each in a word.
#pragma once

#include <gmock/gmock.h>

#include "sync/session.h"

namespace holdfast {

using namespace std::chrono_literals;

inline constexpr stamp someday = 1'700'000'000'000ULL << 16;
inline constexpr sync_number web = 1, mail = 2;  // of ours
inline constexpr sync_number their_web = 11, their_mail = 12;

using words = std::vector<std::string>;

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
  if (const auto* r = std::get_if<sync_resume>(&what)) return "resume " + r->service + ' ' + text(r->upto);
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
  if (const auto* c = std::get_if<sender::confirmed>(&what)) {
    return "confirmed " + std::to_string(c->service) + ' ' + text(c->upto);
  }
  if (const auto* r = std::get_if<receiver::repairs>(&what)) {
    return "repairs " + std::to_string(r->buckets) + " of " + std::to_string(r->service);
  }
  if (const auto* c = std::get_if<session_clocks>(&what)) {
    return std::string(c->apart ? "clocks apart " : "clocks agree ") + std::to_string(c->ahead_us / 1'000'000);
  }
  return "heard " + text(std::get<session_heard>(what).what);
}

struct in_words {
  // session
  std::string operator()(const session::dial&) const { return "dial"; }
  std::string operator()(const session::hang_up&) const { return "hang up"; }
  std::string operator()(const session::send& o) const { return "say " + text(o.what); }
  std::string operator()(const session::tell& o) const { return text(o.what); }
  // sender
  std::string operator()(const sender::introduce& o) const { return "introduce " + std::to_string(o.service); }
  std::string operator()(const sender::seek& o) const {
    return "seek " + std::to_string(o.service) + ' ' + text(o.upto);
  }
  std::string operator()(const sender::start_snapshot& o) const {
    return "start snapshot " + std::to_string(o.service);
  }
  std::string operator()(const sender::start_repair& o) const {
    return "start repair " + std::to_string(o.service) + " of " + std::to_string(o.buckets.size());
  }
  std::string operator()(const sender::send_entries& o) const {
    return "send " + text(o.kind) + ' ' + std::to_string(o.service) + (o.anyhow ? " anyhow" : "");
  }
  std::string operator()(const sender::send_digest& o) const { return "send digest " + std::to_string(o.service); }
  std::string operator()(const sender::confirmed& o) const { return text(session_news(o)); }
  std::string operator()(const sender::break_off& o) const { return "break off: " + o.why; }
  std::string operator()(const sync_service& o) const { return "say " + text(sync_message(o)); }
  // receiver
  std::string operator()(const receiver::merge& o) const { return "merge " + o.name; }
  std::string operator()(const receiver::compare& o) const {
    return "compare " + o.name + ' ' + std::to_string(o.capacity) + " after " + text(o.acknowledged) +
           (o.quiet ? " quiet" : "");
  }
  std::string operator()(const receiver::learn& o) const { return "learn " + o.service + ' ' + o.what.identity; }
  std::string operator()(const receiver::repairs& o) const { return text(session_news(o)); }
  std::string operator()(const receiver::break_off& o) const { return "break off: " + o.why; }
  std::string operator()(const sync_resume& o) const { return "say " + text(sync_message(o)); }
  std::string operator()(const sync_ack& o) const { return "say " + text(sync_message(o)); }
  std::string operator()(const sync_want& o) const { return "say " + text(sync_message(o)); }
};

template <class Orders>
words said_by(const Orders& orders) {
  words out;
  for (const auto& order : orders) out.push_back(std::visit(in_words{}, order));
  return out;
}

}  // namespace holdfast
