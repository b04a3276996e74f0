// Of cluster_io.h: what is said to all nodes, and what others say to us.
#include <boost/asio/post.hpp>

#include "balancer/cluster/cluster_io.h"
#include "cli/configuration/apply.h"
#include "cli/language/grammar.h"

namespace holdfast {

namespace asio = boost::asio;

namespace {

std::string text_of(const reply& r) {
  std::string text = render_wire(r);
  if (text.size() <= max_sync_text) return text;
  return render_wire(refused("the answer is too long for the channel"));
}

}  // namespace

// Whether a change would be accepted; that it is one.
result<void, std::string> cluster::would(const std::string& line) const {
  const auto understood = parse(line, source::control);
  if (!understood) return understood.error().text();
  if (!std::holds_alternative<say::change>(understood->what)) return std::string("it is no change of the settings");
  settings wanted = with_.servers.current();
  if (std::string lacks = lacks_service(wanted, *understood); !lacks.empty()) return lacks;
  if (const auto applied = apply(wanted, *understood); !applied) return applied.error().why;
  const findings wrong = with_.servers.rehearse(wanted);
  return wrong.empty() ? result<void, std::string>() : in_one_line(wrong);
}

void cluster::ordered(const sync_order& what, const std::function<void(sync_answer)>& answer) {
  switch (what.phase) {
    case order_phase::prepare: {
      const auto accepted = would(what.text);
      return answer({what.id, accepted.has_value(), accepted ? "" : accepted.error()});
    }
    case order_phase::forget: return;  // nothing was kept
    case order_phase::say:
    case order_phase::commit: break;
  }
  with_.carry_out(what.text,
                  [id = what.id, answer](const reply& r) { answer({id, r.is == verdict::done, text_of(r)}); });
}

// A change is asked for everywhere before it is made anywhere.
void cluster::perform(const say::on_all_nodes& order, control_server::respond_type respond) {
  const auto understood = parse(order.text, source::control);
  const bool changes = understood && std::holds_alternative<say::change>(understood->what);
  if (!changes) return say_everywhere(order.text, order_phase::say, std::move(respond));
  if (const auto here = would(order.text); !here) return respond(refused(node_ + ": " + here.error()));
  channel_->order({.phase = order_phase::prepare, .text = order.text},
                  [this, text = order.text, respond = std::move(respond)](const auto& answers) {
                    asio::post(io_, [this, text, respond, answers] {
                      for (const auto& [node, answer] : answers) {
                        if (!answer.accepted) {
                          return respond(refused("nothing was changed: " + node + ": " + answer.text));
                        }
                      }
                      if (channel_) say_everywhere(text, order_phase::commit, respond);
                    });
                  });
}

void cluster::say_everywhere(const std::string& text, order_phase phase, control_server::respond_type respond) {
  with_.carry_out(text, [this, text, phase, respond = std::move(respond)](const reply& ours) {
    asio::post(io_, [this, text, phase, respond, ours] {
      if (!channel_) return respond(ours);
      channel_->order({.phase = phase, .text = text}, [this, respond, ours](const auto& answers) {
        asio::post(io_, [this, respond, ours, answers] { respond(gathered(node_, ours, answers)); });
      });
    });
  });
}

}  // namespace holdfast
