// hfctl: says one command to the daemons that it concerns and prints the answer. Also `top`, and, under that name,
// penctl.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

#include "cli/configuration/config.h"
#include "cli/hfctl/bare_words.h"
#include "cli/hfctl/invocation.h"
#include "cli/hfctl/penctl_io.h"
#include "cli/hfctl/top_io.h"
#include "cli/language/complete.h"
#include "cli/language/grammar.h"
#include "cli/language/help.h"
#include "cli/options/version.h"
#include "cli/procedures/procedures_io.h"
#include "cli/screen/terminal_io.h"
#include "cli/talk/talk_io.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds completion_patience = 300ms;
constexpr std::chrono::milliseconds procedure_patience = 10s;  // with each answer on its way
constexpr int no_daemon = 3;

bool colours(int descriptor) {
  const char* no_color = std::getenv("NO_COLOR");
  return is_terminal(descriptor) && (no_color == nullptr || *no_color == '\0');
}

int put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 1;
}

int complain(const std::string& why, int status) {
  std::fprintf(stderr, "hfctl: %s\n", why.c_str());
  return status;
}

int print_reply(const reply& r, bool json) {
  const int status = static_cast<int>(r.is);
  if (json) {
    put(render_objects(r));
  } else if (r.is == verdict::done) {
    put(render_text(r, colours(STDOUT_FILENO)));
  } else {
    std::fputs(render_text(r, colours(STDERR_FILENO)).c_str(), stderr);
  }
  return status;
}

int print_help(const std::string& word) {
  if (word.empty()) return put(std::string(usage()) + '\n' + help_daily());
  const std::string found = help_text(word);
  if (found.empty()) return complain("no command has the word " + word + "; `hfctl help all` lists them", 2);
  return put(found);
}

int print_followers(std::string_view line) {
  const auto all = what_follows(line);
  if (all.empty()) return complain("no command begins with " + std::string(line) + "; `hfctl help all` lists them", 2);
  return put(print(all));
}

// What the daemon knows now; nothing when it can't be asked: completion goes on without live names.
settings live_settings(const sockets& at) {
  constexpr const char* line = "show config";
  const auto shown = ask_along(route_of(parse(line, source::control)->what), at, line, completion_patience);
  if (!shown) return {};
  const auto no_files = [](const std::string&) -> result<std::string, std::string> { return failure{"not here"}; };
  auto live = load_config_text(shown->pen, "", "", no_files);
  return live ? std::move(*live) : settings{};
}

int print_candidates(const invocation& what) {
  const bool option = what.line.starts_with("--");
  auto words = option ? options_beginning(what.line) : complete(what.line, live_settings(what.at));
  if (std::string_view("top").starts_with(what.line)) words.emplace_back("top");
  std::string out;
  for (const std::string& word : words) out += word + '\n';
  return put(out);
}

int misunderstand(const invocation& what, const misunderstanding& why) {
  if (what.json) return print_reply(misunderstood(why.text()), true);
  std::fputs((marked(what.line, why.column, "expected " + why.expected) + '\n').c_str(), stderr);
  return static_cast<int>(verdict::misunderstood);
}

// Who exports to standard output has the answer already.
bool has_answered(const sentence& s) {
  const auto* procedure = std::get_if<say::procedure>(&s.what);
  const auto* exported = procedure == nullptr ? nullptr : std::get_if<say::export_clients>(procedure);
  return exported != nullptr && !exported->file;
}

// The balancer hangs: what its node's agent can say of it, and of the groups.
int print_what_agent_knows(const invocation& what, const std::string& why) {
  const command line = parse("vrrp", source::control)->what;
  auto known = what.at.agent.empty() ? no_answer{} : ask_reply(what.at.agent, "vrrp", patience_for(line));
  reply r = known ? std::move(*known) : reply();
  if (what.json) {
    r.is = verdict::refused;
    r.message = why;
    print_reply(r, true);
  }
  complain(why, no_daemon);
  if (!what.json) print_reply(r, false);
  return no_daemon;
}

int run_command(const invocation& what) {
  if (what.line == "?") return print_help("");
  if (what.line.ends_with(" ?")) return print_followers(std::string_view(what.line).substr(0, what.line.size() - 2));
  const auto understood = parse(what.line, source::control);
  if (!understood) return misunderstand(what, understood.error());
  if (const auto* question = std::get_if<say::question>(&understood->what)) {
    if (const auto* help = std::get_if<say::help>(question)) return print_help(help->word.value_or(""));
  }
  const auto line = spelled_out(what.line, *understood);
  if (!line) return misunderstand(what, line.error());
  const bool procedure = std::holds_alternative<say::procedure>(understood->what);
  const auto patience = what.patience.value_or(procedure ? procedure_patience : patience_for(understood->what));
  const auto answer = procedure ? run_procedure(*understood, what.at, patience)
                                : ask_along(route_of(understood->what), what.at, *line, patience);
  if (answer && answer->is == verdict::done && has_answered(*understood)) return 0;
  if (answer) return print_reply(*answer, what.json);
  if (answer.error().silent && asks_for_state(understood->what))
    return print_what_agent_knows(what, answer.error().why);
  if (what.json) print_reply(refused(answer.error().why), true);
  return complain(answer.error().why, answer.error().denied ? static_cast<int>(verdict::refused) : no_daemon);
}

int run(std::string_view name, const std::vector<std::string_view>& arguments) {
  if (name == "penctl") return run_penctl(arguments);
  const auto what = parse_invocation(arguments);
  if (!what) return complain(what.error(), static_cast<int>(verdict::misunderstood));
  switch (what->what) {
    case task::one_command: return run_command(*what);
    case task::live_screen: return show_top(*what, colours(STDOUT_FILENO));
    case task::completion: return print_candidates(*what);
    case task::usage_text: return put(std::string(usage()));
    case task::version_text: return put(version_text("hfctl (Holdfast)"));
  }
  return static_cast<int>(verdict::misunderstood);
}

}  // namespace

}  // namespace holdfast

int main(int argc, char** argv) {
  const std::string_view path = argc > 0 ? argv[0] : "hfctl";
  return holdfast::run(path.substr(path.rfind('/') + 1), {argv + (argc > 0 ? 1 : 0), argv + argc});
}
