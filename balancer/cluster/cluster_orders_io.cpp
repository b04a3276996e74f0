// Of cluster_io.h: what is said to all nodes, and what others say to us.
#include "balancer/cluster/change_of_all.h"
#include "balancer/cluster/cluster_io.h"
#include "base/clock_io.h"
#include "base/log_io.h"
#include "base/loop/loop_io.h"
#include "cli/configuration/files_io.h"
#include "cli/language/grammar.h"

namespace holdfast {

void cluster::met(const std::string& node, std::uint64_t connection, const session_connected& how) {
  connections_[node] = connection;
  agree(agreement::met{.node = node, .afresh = how.afresh, .older = how.minor < minor_that_keeps});
}

void cluster::lost(const std::string& node) {
  connections_.erase(node);
  alive_there_.erase(node);
  agree(agreement::lost{node});
}

void cluster::say_to(const std::string& node, const sync_message& what) {
  const auto connection = connections_.find(node);
  if (channel_ && connection != connections_.end()) channel_->say_to(node, connection->second, what);
}

void cluster::ordered(const std::string& node, const sync_order& what) {
  if (what.phase != order_phase::say) return agree(agreement::asked{node, what});
  with_.carry_out(what.text, [this, node, id = what.id](const reply& r) {
    run_soon(io_,
             [this, node, answer = sync_answer{id, r.is == verdict::done, channel_text(r)}] { say_to(node, answer); });
  });
}

// The settings that a change comes to.
result<settings, std::string> cluster::settings_after(const std::string& change) const {
  return outcome_of(change, with_.servers.current(), [this](const std::string& text) -> result<settings, std::string> {
    if (with_.config_file.empty()) return failure{"no configuration file was loaded, so none can be replaced"};
    return with_.read(text);
  });
}

result<void, std::string> cluster::would(const std::string& text) const {
  const auto wanted = settings_after(text);
  if (!wanted) return wanted.error();
  if (!keeps_company(with_.servers.current(), *wanted, node_)) {
    return std::string("it would end the connection between the nodes: make that change on each of them");
  }
  const findings wrong = with_.servers.rehearse(*wanted);
  return wrong.empty() ? result<void, std::string>() : in_one_line(wrong);
}

reply cluster::make(const std::string& text) {
  last_ = {.what = text, .before = with_.servers.current(), .made = {}};
  reply outcome = refused("no answer");
  making_ = true;
  if (const auto file = file_in(text)) {
    const auto wanted = settings_after(text);
    auto done = wanted ? write_beside(with_.config_file, *file) : result<void, std::string>(wanted.error());
    if (done) done = with_.change(*wanted);
    outcome = done ? loaded_answer(last_.before, with_.servers.current()) : refused(done.error());
  } else {
    with_.carry_out(text, [&](const reply& r) { outcome = r; });  // a change is answered at once
  }
  making_ = false;
  last_.made = with_.servers.current();
  return outcome;
}

result<void, std::string> cluster::keep() {
  if (!file_in(last_.what)) return {};
  const auto done = put_in_place(with_.config_file);
  if (done) with_.replaced();
  return done;
}

// Questions and requests are said as they are; a change is agreed upon.
void cluster::perform(const say::on_all_nodes& order, control_server::respond_type respond) {
  const auto understood = parse(order.text, source::control);
  const bool changes = understood && std::holds_alternative<say::change>(understood->what);
  changes ? want(order.text, std::move(respond)) : say_everywhere(order.text, std::move(respond));
}

void cluster::perform(const say::load_on_all& order, control_server::respond_type respond) {
  const auto text = read_whole_file(order.file);
  if (!text) return respond(refused(text.error()));
  if (text->size() > max_sync_text - whole_file.size()) {
    return respond(refused(order.file + ": larger than 48 KiB, which is all that the nodes tell each other at once"));
  }
  want(std::string(whole_file) + *text, std::move(respond));
}

void cluster::want(const std::string& text, control_server::respond_type respond) {
  if (respond_) return respond(refused("nothing was changed: another change of all nodes is under way"));
  respond_ = std::move(respond);
  agree(agreement::wanted{text});
}

void cluster::agree(const agreement::event& what) {
  const bool was_reserved = agreement_.state().is_reserved();
  const bool heard_out = agreement_.feed(what, monotonic_now, [this](const agreement::effects& orders) {
    for (const agreement::effect& order : orders) std::visit([this](const auto& o) { perform(o); }, order);
  });
  if (!heard_out) return;
  agreeing_.set(agreement_.state().deadline());
  if (!was_reserved || agreement_.state().is_reserved()) return;
  run_soon(io_, [this] {  // what has waited for that
    for (const sync_server_state& told : servers_.take_postponed()) take(told);
    renew();
  });
}

void cluster::perform(const agreement::send& o) { say_to(o.node, o.what); }

void cluster::perform(const agreement::rehearse& o) {
  const auto accepted = would(o.text);
  agreement_.answer(agreement::tried{accepted.has_value(), accepted ? "" : accepted.error()});
}

void cluster::perform(const agreement::make& o) {
  reply outcome = make(o.text);
  if (outcome.is == verdict::done && o.keep) {
    if (const auto kept = keep(); !kept) {
      perform(agreement::undo{});
      outcome = refused(kept.error());
    }
  }
  const bool made = outcome.is == verdict::done;
  if (!made && file_in(o.text)) remove_beside(with_.config_file);
  agreement_.answer(agreement::tried{made, made ? channel_text(outcome) : outcome.message});
}

void cluster::perform(const agreement::keep&) {
  const auto kept = keep();
  if (!kept) log::error("change=\"{}\" not_written why=\"{}\"", name_of(last_.what), kept.error());
  agreement_.answer(agreement::tried{kept.has_value(), kept ? "" : kept.error()});
}

void cluster::perform(const agreement::undo&) {
  if (file_in(last_.what)) remove_beside(with_.config_file);
  const auto wanted = undone(last_.before, last_.made, with_.servers.current());
  making_ = true;
  const auto done = wanted ? with_.change(*wanted) : result<void, std::string>("more has been changed here since");
  making_ = false;
  if (done) return log::warn("change=\"{}\" undone why=\"it was not made on all nodes\"", name_of(last_.what));
  log::error("change=\"{}\" stays why=\"it was not made on all nodes, but {}\"", name_of(last_.what), done.error());
}

void cluster::perform(const agreement::done& o) {
  if (const auto respond = std::exchange(respond_, nullptr)) respond(answer_to(o, node_));
}

void cluster::say_everywhere(const std::string& text, control_server::respond_type respond) {
  with_.carry_out(text, [this, text, respond = std::move(respond)](const reply& ours) {
    run_soon(io_, [this, text, respond, ours] {
      if (!channel_) return respond(ours);
      channel_->order({.text = text}, [this, respond, ours](const auto& answers) {
        run_soon(io_, [this, respond, ours, answers] { respond(gathered(node_, ours, answers)); });
      });
    });
  });
}

}  // namespace holdfast
