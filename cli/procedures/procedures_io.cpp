#include "cli/procedures/procedures_io.h"

#include <thread>

#include "base/clock_io.h"
#include "base/tls/cluster_key_io.h"
#include "cli/language/words.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;

constexpr duration sync_patience = 60s;
constexpr duration between_looks = 200ms;

struct runner {
  const daemons& of;

  procedure_outcome operator()(const say::new_cluster_key& e) const {
    const auto made = make_cluster_key(e.file);
    if (!made) return refused(made.error());
    reply done;
    done.message = "a new key is in " + e.file + ": copy it to the other nodes";
    return done;
  }

  procedure_outcome operator()(const say::wait_synced& e) const {
    const duration most = e.timeout.value_or(sync_patience);
    const instant end = monotonic_now() + most;
    for (;;) {
      const auto seen = of.look();
      if (!seen && seen.error().no_daemon) return seen.error();
      if (seen && seen->in_sync()) return cluster_answer(*seen);
      const instant now = monotonic_now();
      if (now >= end) {
        const std::string why = seen ? cluster_answer(*seen).message : seen.error().why;
        return refused("not in sync within " + print_time(most) + ": " + why);
      }
      std::this_thread::sleep_for(std::min(between_looks, end - now));
    }
  }

  procedure_outcome operator()(const say::switch_over& e) const { return switch_over(of, e); }
  procedure_outcome operator()(const say::drain_and_wait& e) const { return drain_and_wait(of, e); }
  procedure_outcome operator()(const say::drill& e) const { return run_drill(of, e); }
  procedure_outcome operator()(const say::export_clients& e) const { return export_clients(of, e); }
  procedure_outcome operator()(const say::import_clients& e) const { return import_clients(of, e); }
};

}  // namespace

result<reply, no_answer> run_procedure(const sentence& s, const sockets& at, std::chrono::milliseconds patience) {
  const daemons of(at, s, patience);
  auto done = std::visit(runner{of}, std::get<say::procedure>(s.what));
  if (done) return std::move(*done);
  if (!done.error().no_daemon) return refused(done.error().why);
  return no_answer{.absent = true, .why = done.error().why};
}

}  // namespace holdfast
