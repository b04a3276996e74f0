#include "vrrp/agent/agent_commands_io.h"

#include <unistd.h>

#include <ctime>

#include "base/clock_io.h"
#include "base/log_io.h"
#include "cli/configuration/apply.h"
#include "cli/configuration/config.h"
#include "cli/configuration/difference.h"
#include "cli/configuration/files_io.h"
#include "cli/configuration/now_is.h"
#include "cli/language/grammar.h"
#include "vrrp/agent/agent_io.h"
#include "vrrp/agent/status.h"

namespace holdfast {

namespace {

constexpr std::uint32_t default_events = 20;

std::string local_time(wall_time when) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
  const std::time_t whole = ms / 1000;
  std::tm parts{};
  localtime_r(&whole, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return std::string(text, size) + '.' + std::to_string(1000 + ms % 1000).substr(1);
}

// What each command comes to; one without an overload here does not compile.
class deeds {
 public:
  deeds(agent& on, const sentence& s, control_server::respond_type respond)
      : on_(on), said_(s), respond_(std::move(respond)) {}

  void operator()(const say::change&) {
    settings wanted = on_.current();
    if (const auto applied = apply(wanted, said_); !applied) return respond_(refused(applied.error().why));
    const auto done = on_.change(wanted);
    respond_(done ? reply{.message = now_is(wanted, said_)} : refused(done.error()));
  }
  void operator()(const say::question&) { respond_(answer(on_.current(), said_)); }
  void operator()(const say::common_request& r) { std::visit(*this, r); }
  void operator()(const say::vrrp_request& r) { std::visit(*this, r); }
  void operator()(const say::balancer_request&) { respond_(refused("holdfast-balancer answers that")); }
  void operator()(const say::cluster_request&) { respond_(refused("holdfast-balancer answers that")); }
  void operator()(const say::procedure&) { respond_(refused("hfctl does that itself")); }

  void operator()(const say::status&) { respond_(vrrp_answer(on_.facts(), monotonic_now())); }
  void operator()(const say::vrrp_state&) { respond_(vrrp_answer(on_.facts(), monotonic_now())); }
  void operator()(const say::events& e) {
    respond_(events_answer(on_.past(), e.count.value_or(default_events), local_time));
  }
  void operator()(const say::control&) { respond_(reply{.pen = on_.control_path() + '\n'}); }
  void operator()(const say::pid&) { respond_(reply{.pen = std::to_string(getpid()) + '\n'}); }
  void operator()(const say::reload&) {
    const settings before = on_.current();
    finish(on_.reload(), before);
  }

  void operator()(const say::undo&) {
    const settings before = on_.current();
    finish(on_.undo(), before);
  }

  void operator()(const say::release& r) { tell(r.of, group::told_to_release{}); }
  void operator()(const say::take& t) { tell(t.of, group::told_to_take{}); }
  void operator()(const say::stand_by& s) { tell(s.of, group::told_to_stand_by{}); }
  void operator()(const say::announce& a) { tell(a.of, group::told_to_announce{}); }

  void operator()(const say::include& i) {
    const auto wanted = load_config(i.file, on_.options().node, read_whole_file, on_.current());
    const settings before = on_.current();
    wanted ? finish(on_.change(*wanted), before) : respond_(refused(wanted.error().text()));
  }

  void operator()(const say::write& w) {
    const auto written = on_.write(w.file.value_or(""));
    if (!written) return respond_(refused(written.error()));
    respond_(reply{.message = "written to " + *written});
  }

  void operator()(const say::exit&) {
    if (!on_.current().exit_enabled) {
      return respond_(refused("exit is not enabled: say exit_enabled in the configuration"));
    }
    respond_(reply{.message = "stopping"});
    on_.stop();
  }

 private:
  void finish(const result<void, std::string>& outcome, const settings& before) {
    respond_(outcome ? reply{.message = difference_of(before, on_.current())} : refused(outcome.error()));
  }

  // Says it to that group, or to all, and answers with how they are then.
  void tell(const std::optional<say::group>& which, const group::event& what) {
    if (which && !on_.groups().contains(which->name)) return respond_(refused("no group " + which->name));
    for (const auto& [name, g] : on_.groups()) {
      if (!which || which->name == name) g->order(what);
    }
    reply r = vrrp_answer(on_.facts(), monotonic_now());
    r.tables.resize(1);
    respond_(r);
  }

  agent& on_;
  const sentence& said_;
  control_server::respond_type respond_;
};

}  // namespace

void carry_out(agent& on, const caller& who, std::string_view line, control_server::respond_type respond) {
  const auto understood = parse(line, source::control);
  if (!understood) return respond(misunderstood(understood.error().text()));
  const sentence& s = *understood;
  const bool writes = needed(s.what) == access::write;
  if (writes && !who.may_write) {
    return respond(refused("permission denied: expected root, the daemon's user or a member of group holdfast"));
  }
  if (!s.node.empty() && s.node != on.options().node) {
    return respond(refused("said to " + s.node + " alone; this is " + on.options().node));
  }
  if (writes) log::info("control=\"{}\" uid={} from={}", print(s), who.uid, who.from.text());
  deeds carry(on, s, std::move(respond));
  std::visit(carry, s.what);
}

}  // namespace holdfast
