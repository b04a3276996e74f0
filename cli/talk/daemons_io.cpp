#include "cli/talk/daemons_io.h"

namespace holdfast {

daemons::daemons(const sockets& at, const sentence& procedure, std::chrono::milliseconds patience)
    : at_(at), patience_(patience) {
  if (!procedure.node.empty()) before_ += "on " + procedure.node + ' ';
  if (!procedure.service.empty()) before_ += "service " + procedure.service + ' ';
}

result<reply, setback> daemons::tell(const std::string& socket, std::string_view line) const {
  auto answer = ask_reply(socket, before_ + std::string(line), patience_);
  if (!answer) return setback{!answer.error().denied, answer.error().why};
  if (answer->is != verdict::done) return setback{false, answer->message};
  return std::move(*answer);
}

result<reply, setback> daemons::tell_agent(std::string_view line) const {
  return tell(at_.agent.empty() ? at_.balancer : at_.agent, line);
}

result<cluster_view, setback> daemons::look() const {
  const auto answer = tell_balancer("cluster");
  if (!answer) return answer.error();
  auto seen = read_cluster(*answer);
  if (seen) return std::move(*seen);
  return setback{false, answer->message.empty() ? "the balancer's view of the cluster is none" : answer->message};
}

}  // namespace holdfast
