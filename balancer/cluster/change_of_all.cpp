#include "balancer/cluster/change_of_all.h"

#include <tuple>

#include "balancer/cluster/cluster_facts.h"
#include "balancer/farm/orders.h"
#include "cli/configuration/apply.h"
#include "cli/configuration/cluster_endpoints.h"
#include "cli/configuration/difference.h"
#include "cli/language/grammar.h"

namespace holdfast {

std::optional<std::string> file_in(const std::string& change) {
  if (!change.starts_with(whole_file)) return std::nullopt;
  return change.substr(whole_file.size());
}

std::string name_of(const std::string& change) { return file_in(change) ? "a configuration file" : change; }

result<settings, std::string> outcome_of(const std::string& change, const settings& now, const settings_reader& read) {
  if (const auto file = file_in(change)) return read(*file);
  const auto understood = parse(change, source::control);
  if (!understood) return failure{understood.error().text()};
  if (!std::holds_alternative<say::change>(understood->what)) return failure{"it is no change of the settings"};
  settings wanted = now;
  if (std::string lacks = lacks_service(wanted, *understood); !lacks.empty()) return failure{std::move(lacks)};
  if (const auto applied = apply(wanted, *understood); !applied) return failure{applied.error().why};
  return wanted;
}

bool keeps_company(const settings& now, const settings& wanted, const std::string& node) {
  const auto keys = [](const settings& s) { return std::tie(s.sync, s.cluster_key, s.next_cluster_key); };
  return keys(now) == keys(wanted) && endpoints_of(now, node, 0) == endpoints_of(wanted, node, 0);
}

std::optional<settings> undone(const settings& before, const settings& made, const settings& now) {
  if (with_orders(made, made, now) != now) return std::nullopt;
  return with_orders(before, made, now);
}

reply loaded_answer(const settings& before, const settings& after) {
  reply answer;
  answer.message = difference_of(before, after);
  if (before.vrrp != after.vrrp) answer.message += "\nsay `reload` on each node: the agents have not read it yet";
  return answer;
}

std::string channel_text(const reply& r) {
  std::string text = render_wire(r);
  if (text.size() <= max_sync_text) return text;
  return render_wire(refused("the answer is too long for the channel"));
}

reply answer_to(const agreement::done& outcome, const std::string& node) {
  if (!outcome.accepted) return refused(outcome.why);
  reply all = gathered(node, parse_wire(outcome.reply).value_or(reply{}), outcome.replies);
  all.message += (all.message.empty() || outcome.why.empty() ? "" : "; ") + outcome.why;
  return all;
}

}  // namespace holdfast
