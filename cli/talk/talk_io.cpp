#include "cli/talk/talk_io.h"

#include "cli/control/control_request.h"

namespace holdfast {

result<reply, no_answer> ask_reply(const std::string& socket, std::string_view line,
                                   std::chrono::milliseconds patience) {
  const auto answer = ask(socket, std::string(json_word).append(line), patience);
  if (!answer) return answer.error();
  if (auto understood = parse_wire(*answer)) return std::move(*understood);
  // A daemon that has no time to listen turns callers away in plain words.
  constexpr std::string_view plain_error = "error: ";
  if (!answer->starts_with(plain_error))
    return refused("the daemon at " + socket + " answers in a form that is not ours");
  return refused(answer->substr(plain_error.size(), answer->find('\n') - plain_error.size()));
}

result<reply, no_answer> ask_along(const route& along, const sockets& at, std::string_view line,
                                   std::chrono::milliseconds patience) {
  if (at.agent.empty()) return ask_reply(at.balancer, line, patience);
  std::vector<std::pair<station, reply>> answers;
  std::optional<no_answer> missing;
  for (const station s : along.to) {
    auto answer = ask_reply(s == station::balancer ? at.balancer : at.agent, line, patience);
    if (!answer && answer.error().absent) {
      if (!missing) missing = answer.error();
      if (along.how == manner::chain && answers.empty()) break;
      continue;
    }
    if (along.how == manner::first) return answer;
    answers.emplace_back(s, answer ? std::move(*answer) : refused(answer.error().why));
    if (along.how == manner::chain && answers.back().second.is != verdict::done) break;
  }
  if (answers.empty()) return *missing;
  return join(std::move(answers));
}

}  // namespace holdfast
