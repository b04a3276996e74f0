#include "balancer/daemon/balancer_commands_io.h"

#include <unistd.h>

#include <map>

#include "balancer/cluster/cluster_io.h"
#include "balancer/daemon/change_words.h"
#include "balancer/daemon/client_orders.h"
#include "balancer/daemon/daemon_io.h"
#include "balancer/farm/connection_rows.h"
#include "balancer/show/answers.h"
#include "balancer/show/client_lines.h"
#include "base/clock_io.h"
#include "base/log_io.h"
#include "cli/configuration/apply.h"
#include "cli/configuration/config.h"
#include "cli/configuration/difference.h"
#include "cli/configuration/now_is.h"
#include "cli/language/grammar.h"

namespace holdfast {

namespace {

constexpr duration default_recent = 300s;
constexpr std::uint32_t default_clients = 1000;

unix_ms before(unix_ms now, duration ago) {
  return now - std::min(now, static_cast<unix_ms>(std::chrono::ceil<std::chrono::milliseconds>(ago).count()));
}

// Visits a request; every request has its overload here, or this does not compile.
class requests {
 public:
  requests(daemon& on, const caller& who, const sentence& s, control_server::respond_type respond)
      : on_(on), who_(who), sentence_(s), respond_(std::move(respond)), pools_(on.pools()) {
    if (s.service.empty()) return;
    std::erase_if(pools_, [&](const pool* p) { return p->policy.name != s.service; });
  }

  void operator()(const say::status&) {
    if (who_.json) return respond_(status_answer(pools_, on_.facts(), monotonic_now()));
    on_.make_page(sentence_.service,
                  [respond = respond_](std::string page) { respond(reply{.pen = std::move(page)}); });
  }
  void operator()(const say::servers&) { respond_(servers_answer(pools_, monotonic_now())); }

  void operator()(const say::recent& r) {
    const unix_ms now = steady_ms();
    respond_(recent_answer(pools_, before(now, r.within.value_or(default_recent)), default_clients, now));
  }

  void operator()(const say::clients& c) {
    const unix_ms now = steady_ms();
    const unix_ms since = c.recent ? before(now, *c.recent) : 0;
    respond_(clients_answer(pools_, since, c.limit.value_or(default_clients), now));
  }

  void operator()(const say::client& c) { respond_(client_answer(pools_, c.who, steady_ms())); }

  void operator()(const say::forget_client& c) { respond_(forget_client(pools_, c.who, steady_ms())); }

  void operator()(const say::pin_client& c) {
    respond_(pin_client(pools_, sentence_.of_service(), c.who, c.server, steady_ms()));
  }

  void operator()(const say::client_lines& c) { respond_(client_lines_answer(pools_, c.after.value_or(""))); }
  void operator()(const say::put_clients& c) { respond_(put_clients_answer(pools_, c.lines, steady_ms())); }

  void operator()(const say::connections& c) {
    connection_query which{.server = c.server, .client = c.client, .older = c.older.value_or(0s)};
    if (c.limit) which.most = *c.limit;
    list({}, std::move(which));
  }
  void operator()(const say::connection& c) { list(c.id, {}); }
  void operator()(const say::socket& s) {
    on_.servers().connections({.socket = static_cast<int>(s.number)},
                              [respond = respond_, s](const auto& rows) { respond(socket_answer(s.number, rows)); });
  }

  void operator()(const say::close_connection& c) {
    const auto closed = [respond = respond_, id = c.id](bool known) { respond(closed_answer(id, known)); };
    worker_list& workers = on_.servers().workers();
    if (worker_of(c.id) >= workers.size()) return closed(false);
    workers[worker_of(c.id)]->post(close_flow{c.id, closed});
  }

  void operator()(const say::close_server& c) {
    service* of = on_.servers().find(sentence_.of_service());
    const server* which = of == nullptr ? nullptr : of->find_server(c.name);
    if (which == nullptr) return respond_(refused("expected a server of service " + sentence_.of_service()));
    close({.service = of->current().service, .server = which->id});
    respond_(reply{.message = "closing the connections to server " + c.name});
  }

  void operator()(const say::close_client& c) {
    for (const pool* p : pools_) close({.service = p->service, .client = p->key_of(c.who)});
    respond_(reply{.message = "closing the connections of " + c.who.text()});
  }

  void operator()(const say::control&) { respond_(reply{.pen = on_.control_text() + "\n"}); }
  void operator()(const say::pid&) { respond_(reply{.pen = std::to_string(getpid()) + "\n"}); }

  void operator()(const say::include& i) {
    daemon_options with = on_.options();
    with.base = on_.servers().current();
    with.config_file = i.file;
    with.pen = false;  // who names a file means one that is there
    const auto wanted = read_config(with);
    if (!wanted) return respond_(refused(wanted.error()));
    finish(on_.change(*wanted), with.base);
  }

  void operator()(const say::write& w) {
    const auto written = on_.write(w.file.value_or(""));
    if (!written) return respond_(refused(written.error()));
    respond_(reply{.message = "written to " + *written});
  }

  void operator()(const say::reload&) {
    const settings before = on_.servers().current();
    finish(on_.reload(), before);
  }

  void operator()(const say::undo&) {
    const settings before = on_.servers().current();
    finish(on_.undo(), before);
  }

  void operator()(const say::exit&) {
    if (!on_.servers().current().exit_enabled) {
      return respond_(refused("exit is not enabled: start with -X, or say exit_enabled in the configuration"));
    }
    respond_(reply{.message = "stopping"});
    on_.stop();
  }

 private:
  void finish(const result<void, std::string>& outcome, const settings& before) {
    if (!outcome) return respond_(refused(outcome.error()));
    std::string kept;
    for (const std::string& server : on_.orders()) kept += ' ' + server;
    if (!kept.empty()) kept = "\nnot as in the file until `undo` or `write`:" + kept;
    respond_(reply{.message = difference_of(before, on_.servers().current()) + kept});
  }

  void close(const close_flows& which) {
    for (auto& w : on_.servers().workers()) w->tell(which);
  }

  void list(std::optional<std::uint64_t> only, connection_query which) {
    std::map<std::uint32_t, std::string> names;  // pools may be gone when the workers have answered
    for (const pool* p : pools_) {
      names[p->service] = p->policy.name;
      if (!sentence_.service.empty()) which.service = p->service;
    }
    on_.servers().connections(which, [respond = respond_, names = std::move(names), only](const auto& rows) {
      respond(connections_answer(rows, names, only));
    });
  }

  daemon& on_;
  const caller& who_;
  const sentence& sentence_;
  control_server::respond_type respond_;
  std::vector<const pool*> pools_;
};

// What each kind of command comes to; a kind without an overload here does not compile.
struct deed {
  daemon& on;
  const caller& who;
  const sentence& said;
  control_server::respond_type respond;

  void operator()(const say::change&) {
    settings wanted = on.servers().current();
    if (const auto applied = apply(wanted, said); !applied) return respond(refused(applied.error().why));
    const auto& what = std::get<say::change>(said.what);
    const auto* gone = std::get_if<say::remove_server>(&what);
    const auto* drained = std::get_if<say::drain_server>(&what);
    service* of = on.servers().find(said.of_service());
    if (of != nullptr && gone != nullptr && gone->after) of->will_leave(gone->name, *gone->after);
    if (const auto changed = on.change(wanted); !changed) return respond(refused(changed.error()));
    if (of != nullptr && drained != nullptr) of->close_after(drained->name, drained->time);
    reply done = answer(on.servers().current(), said);
    if (done.message.empty()) {
      const service* about = on.servers().find(said.of_service());
      done.message =
          change_words(now_is(on.servers().current(), said), said, about == nullptr ? nullptr : &about->current());
    }
    respond(done);
  }

  void operator()(const say::question&) { respond(answer(on.servers().current(), said)); }
  void operator()(const say::common_request& r) { std::visit(requests(on, who, said, respond), r); }
  void operator()(const say::balancer_request& r) { std::visit(requests(on, who, said, respond), r); }
  void operator()(const say::cluster_request& r) { on.others().answer(r, respond); }
  void operator()(const say::vrrp_request&) { respond(refused("holdfast-vrrp answers that")); }
  void operator()(const say::procedure&) { respond(refused("hfctl does that itself")); }
};

// Said thousands of times, each some kilobytes long.
bool is_bulk(const command& c) {
  const auto* request = std::get_if<say::balancer_request>(&c);
  return request != nullptr && std::holds_alternative<say::put_clients>(*request);
}

}  // namespace

void carry_out(daemon& on, const caller& who, std::string_view line, control_server::respond_type respond) {
  const auto understood = parse(line, source::control);
  if (!understood) {
    reply answer;
    answer.is = verdict::misunderstood;
    answer.message = understood.error().text();
    return respond(answer);
  }
  const sentence& s = *understood;
  const bool writes = needed(s.what) == access::write;
  if (writes && !who.may_write) {
    return respond(refused("permission denied: expected root, the daemon's user or a member of group holdfast"));
  }
  if (const std::string& here = on.options().node; !s.node.empty() && s.node != here) {
    reply unheard;
    unheard.message = "said to " + s.node + " alone; this is " + here;
    return respond(unheard);
  }
  if (writes && !is_bulk(s.what)) log::info("control=\"{}\" uid={} from={}", print(s), who.uid, who.from.text());
  if (const std::string lacks = lacks_service(on.servers().current(), s); !lacks.empty()) {
    return respond(refused(lacks));
  }
  std::visit(deed{on, who, s, std::move(respond)}, s.what);
}

}  // namespace holdfast
