// `cluster switchover` and `cluster drill`.
#include <thread>

#include "base/clock_io.h"
#include "cli/configuration/config.h"
#include "cli/language/words.h"
#include "cli/procedures/prober_io.h"
#include "cli/procedures/procedures_io.h"
#include "cli/procedures/switchover.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;

constexpr duration takeover_most = 10s;  // for another node to become active
constexpr duration take_back_most = 2s;  // for us: who is preferred is active at once
constexpr duration confirm_most = 1s;    // for the last news to be confirmed
constexpr duration between_looks = 2ms;
constexpr duration calm = 500ms;  // before, between and after the steps of a drill

double milliseconds(duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

// Looks at the cluster until it is as wanted: what it was then; none if that took too long.
template <class Wanted>
std::optional<cluster_view> look_until(const daemons& of, duration most, Wanted wanted) {
  for (const instant end = monotonic_now() + most; monotonic_now() < end; std::this_thread::sleep_for(between_looks)) {
    auto seen = of.look();
    if (seen && wanted(*seen)) return std::move(*seen);
  }
  return std::nullopt;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

result<switchover, setback> plan(const daemons& of, const std::optional<say::group>& group,
                                 const std::optional<std::string>& to) {
  const auto seen = of.look();
  if (!seen) return seen.error();
  auto made = plan_switchover(*seen, group ? std::optional(group->name) : std::nullopt, to);
  if (!made) return setback{false, made.error()};
  return std::move(*made);
}

result<void, setback> tell_groups(const daemons& of, const std::string& order, const switchover& h) {
  for (const std::string& group : h.groups) {
    if (const auto told = of.tell_agent(order + ' ' + group); !told) return told.error();
  }
  return {};
}

struct step {
  double took_ms = 0;
  std::optional<std::uint64_t> unconfirmed = {};  // news that no other node knew of when it had become active
};

// All that our clients did is known elsewhere before we let go, and again after.
result<step, setback> hand_over(const daemons& of, const switchover& h) {
  if (const auto flushed = of.tell_balancer("cluster flush"); !flushed) return flushed.error();
  const instant begin = monotonic_now();
  if (const auto told = tell_groups(of, "vrrp standby", h); !told) return told.error();
  const auto taken = look_until(of, takeover_most, [&](const auto& v) { return is_active(v, h.to, h.groups); });
  const duration took = monotonic_now() - begin;
  if (!taken) return setback{false, h.to + " was not seen to become active within " + print_time(takeover_most)};
  const auto calm_view = look_until(of, confirm_most, [](const auto& v) { return v.waiting() == 0; });
  if (calm_view) return step{milliseconds(took), 0};
  const auto left = of.look();
  return step{milliseconds(took), left ? std::optional(left->waiting()) : std::nullopt};
}

// None: we are not preferred, so the other stays active.
result<std::optional<step>, setback> take_back(const daemons& of, const switchover& h) {
  const instant begin = monotonic_now();
  if (const auto told = tell_groups(of, "vrrp take", h); !told) return told.error();
  const auto taken = look_until(of, take_back_most, [&](const auto& v) { return is_active(v, h.from, h.groups); });
  if (!taken) return std::optional<step>();
  return std::optional(step{milliseconds(monotonic_now() - begin)});
}

reply_table steps_table(std::string name) {
  return {std::move(name),
          {{"step"}, {"groups"}, {"from"}, {"to"}, {"took_ms", unit::count}, {"unconfirmed", unit::count}}};
}

void add_step(reply_table& to, std::string_view what, const switchover& h, const step& s) {
  const auto lost = s.unconfirmed ? boost::json::value(*s.unconfirmed) : boost::json::value();
  to.rows.push_back({boost::json::string(what), boost::json::string(list_of(h.groups)), boost::json::string(h.from),
                     boost::json::string(h.to), s.took_ms, lost});
}

// Where clients would connect: as said, or as the balancer's configuration says.
std::optional<place> probe_place(const daemons& of, const say::drill& e, const switchover& h) {
  if (e.probe) return e.probe;
  const auto shown = of.tell_balancer("show config");
  if (!shown) return std::nullopt;
  const auto no_files = [](const std::string&) -> result<std::string, std::string> { return failure{"not here"}; };
  const auto live = load_config_text(shown->pen, "", "", no_files);
  return live ? service_at(*live, h.groups) : std::nullopt;
}

reply_table probes_table(const std::string& where, const probe_report& seen) {
  return {"probes",
          {{"service"}, {"tries", unit::count}, {"failed", unit::count}, {"longest_gap_ms", unit::count}},
          {{boost::json::string(where), seen.tries, seen.failed, milliseconds(seen.longest_gap)}}};
}

}  // namespace

procedure_outcome switch_over(const daemons& of, const say::switch_over& e) {
  const auto planned = plan(of, e.of, e.to);
  if (!planned) return planned.error();
  const auto done = hand_over(of, *planned);
  if (!done) return done.error();
  reply r;
  r.message = planned->to + " is active; " + planned->from + " stands by until `vrrp take`";
  r.tables.push_back(steps_table("switchover"));
  add_step(r.tables.back(), "switchover", *planned, *done);
  return r;
}

procedure_outcome run_drill(const daemons& of, const say::drill& e) {
  const auto planned = plan(of, e.of, std::nullopt);
  if (!planned) return planned.error();
  reply r;
  const auto where = probe_place(of, e, *planned);
  prober probes(where);
  std::this_thread::sleep_for(calm);
  const bool reachable = probes.reached();
  const auto over = hand_over(of, *planned);
  if (!over) return over.error();
  std::this_thread::sleep_for(calm);
  const auto back = take_back(of, *planned);
  if (!back) return back.error();
  std::this_thread::sleep_for(calm);
  const probe_report seen = probes.stop();

  r.tables.push_back(steps_table("drill"));
  add_step(r.tables.back(), "failover", *planned, *over);
  const switchover reverse{planned->groups, planned->to, planned->from};
  if (*back) add_step(r.tables.back(), "failback", reverse, **back);
  if (!*back) {
    r.message = planned->to + " is preferred and stays active: `cluster switchover` there brings the addresses back";
  }
  if (reachable) {
    r.tables.push_back(probes_table(host_word::print(*where), seen));
  } else {
    const std::string service = where ? host_word::print(*where) : "a service at these addresses";
    r.message += (r.message.empty() ? "" : "; ") + ("not probed: " + service + " is not reachable from here");
  }
  return r;
}

}  // namespace holdfast
