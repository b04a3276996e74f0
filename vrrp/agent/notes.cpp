#include "vrrp/agent/notes.h"

namespace holdfast {

namespace {

std::string in_ms(duration d) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

std::string whose(const router_key& at) { return "with id " + std::to_string(at.id); }

const char* const of_another = ": does another cluster use this id?";

}  // namespace

group::noted other_addresses_note(const address& from, const router_key& at) {
  return {from.text() + " advertises other addresses " + whose(at) + " on " + at.interface + of_another,
          "adverts=differ from=" + from.text()};
}

group::noted stranger_note(const address& from, const router_key& at) {
  return {from.text() + " on " + at.interface + " is no node of ours, and its adverts " + whose(at) + " are refused" +
              of_another,
          "adverts=refused from=" + from.text() + " cause=stranger"};
}

group::noted refusal_note(const address& from, const router_key& at, const std::string& cause) {
  return {"adverts refused on " + at.interface + ": " + cause + ", from " + from.text(),
          "adverts=refused from=" + from.text() + " cause=" + cause};
}

group::noted conflict_note(const address& who, bool is_primary, const mac_address& mac, const router_key& at) {
  const std::string kind = is_primary ? ", our own address, " : " ";
  return {"conflict: " + who.text() + kind + "is also at " + mac_text(mac) + " on " + at.interface +
              ": another machine answers for it",
          "conflict=" + who.text() + " mac=" + mac_text(mac)};
}

group::noted beyond_note(const address& host, const router_key& at) {
  return {
      host.text() + " is in no network of " + at.interface + ": can its clients, and the way back to them, be there?",
      "address=beyond"};
}

group::noted ended_note(std::size_t connections, bool all) {
  const std::string count = std::to_string(connections);
  return {.what = count + " connections to the addresses that leave were ended" +
                  (all ? "" : ", not all: there was no more time"),
          .facts = "connections=ended count=" + count,
          .alarms = !all};
}

std::string names_of(std::span<const address> some) {
  return some.front().text() + (some.size() == 1 ? "" : " and " + std::to_string(some.size() - 1) + " more");
}

group::noted late_note(duration by) { return {"our loop woke " + in_ms(by) + " ms late", "loop=late"}; }

group::noted rhythm_note(const tempo::advertise_every& order) {
  const std::string every = in_ms(order.interval);
  return {"adverts every " + every + " ms: " + order.why, "interval=" + every + "ms", order.alarms};
}

group::noted connected_note(const std::string& node, const std::string& software) {
  return {node + "'s agent is connected, version " + software, "wire=connected node=" + node + " version=" + software,
          false};
}

group::noted gone_note(const std::string& node, group::ending how, const std::string& why) {
  struct words {
    const char* sentence;
    const char* fact;
  };
  const auto [sentence, fact] = how == group::ending::died   ? words{"ended", "ended"}
                                : how == group::ending::left ? words{"left in order", "left"}
                                                             : words{"is lost: ", "lost"};
  std::string facts = std::string("wire=") + fact + " node=" + node;
  if (!why.empty()) facts += " why=\"" + why + '"';
  return {node + "'s agent " + sentence + why, std::move(facts), how != group::ending::left};
}

std::string log_line(const std::string& group, const group::moved& what) {
  return "group=" + group + " from=" + std::string(name_of(what.from)) + " to=" + std::string(name_of(what.to)) +
         " why=\"" + what.why + '"';
}

std::string log_line(const std::string& group, const group::noted& what) {
  return group.empty() ? what.facts : "group=" + group + ' ' + what.facts + " why=\"" + what.what + '"';
}

event_record record_of(const std::string& group, const group::moved& what, wall_time when, instant now) {
  return {.when = when,
          .monotonic = now.time_since_epoch(),
          .group = group,
          .from = std::string(name_of(what.from)),
          .to = std::string(name_of(what.to)),
          .why = what.why};
}

event_record record_of(const std::string& group, const group::noted& what, wall_time when, instant now) {
  return {.when = when, .monotonic = now.time_since_epoch(), .group = group, .from = {}, .to = {}, .why = what.what};
}

bool said_once::is_news(const std::string& sentence, instant now) {
  std::erase_if(said_, [&](const auto& one) { return now - one.second > often; });
  return said_.size() < most && said_.emplace(sentence, now).second;
}

}  // namespace holdfast
