#include "cli/hfctl/top_io.h"

#include <unistd.h>

#include <cstdio>
#include <optional>
#include <thread>

#include "base/clock_io.h"
#include "cli/reply/human.h"
#include "cli/screen/screen.h"
#include "cli/screen/terminal_io.h"
#include "cli/talk/talk_io.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds between_looks = 1s;
constexpr std::chrono::milliseconds patience = 3s;

struct look {
  figures seen;
  instant at;
};

result<reply, std::string> ask_figures(const std::string& socket, const std::string& command) {
  auto answer = ask_reply(socket, command, patience);
  if (!answer) return failure{answer.error().why};
  if (answer->is != verdict::done) return failure{"the daemon refused `" + command + "`: " + answer->message};
  return {boost::system::in_place_value, std::move(*answer)};
}

result<look, std::string> take_look(const std::string& socket) {
  auto status = ask_figures(socket, "status");
  if (!status) return failure{status.error()};
  auto servers = ask_figures(socket, "servers");
  if (!servers) return failure{servers.error()};
  auto clients = ask_figures(socket, "clients");
  if (!clients) return failure{clients.error()};
  auto connections = ask_figures(socket, "connections limit 200");
  if (!connections) return failure{connections.error()};
  return {
      boost::system::in_place_value,
      look{{std::move(*status), std::move(*servers), std::move(*clients), std::move(*connections)}, monotonic_now()}};
}

std::string draw(const look& before, const look& now, screen_size size, bool colour) {
  const double seconds = std::chrono::duration<double>(now.at - before.at).count();
  return draw_screen(before.seen, now.seen, std::max(seconds, 0.001), size, colour);
}

int fail(const std::string& why) {
  std::fprintf(stderr, "hfctl: %s\n", why.c_str());
  return 3;
}

int show_plain(const invocation& what, look before, bool colour) {
  for (std::uint32_t shown = 0; what.count == 0 || shown < what.count; ++shown) {
    std::this_thread::sleep_for(between_looks);
    auto now = take_look(what.at.balancer);
    if (!now) return fail(now.error());
    const std::string text = draw(before, *now, {.width = page{}.width, .height = 0}, colour) + "\n";
    if (shown > 0) std::fputs("\n", stdout);
    std::fputs(text.c_str(), stdout);
    if (std::fflush(stdout) != 0) return 0;  // whoever read us has had enough
    before = std::move(*now);
  }
  return 0;
}

int show_live(const invocation& what, look before, bool colour) {
  full_screen screen;
  look now = before;
  std::string trouble;
  screen.show("asking " + what.at.balancer + " ...");
  for (std::uint32_t shown = 0; what.count == 0 || shown < what.count;) {
    const auto event = screen.wait(between_looks);
    if (event == full_screen::event::quit) return 0;
    if (event == full_screen::event::time) {
      auto fresh = take_look(what.at.balancer);
      trouble = fresh ? "" : fresh.error();
      before = std::move(now);
      now = fresh ? std::move(*fresh) : before;
      ++shown;
    }
    const screen_size size = terminal_size();
    screen.show(trouble.empty() ? draw(before, now, size, colour) : std::string(first_columns(trouble, size.width)));
  }
  return 0;
}

}  // namespace

int show_top(const invocation& what, bool colour) {
  auto first = take_look(what.at.balancer);
  if (!first) return fail(first.error());
  const bool live = what.count != 1 && is_terminal(STDIN_FILENO) && is_terminal(STDOUT_FILENO);
  return live ? show_live(what, std::move(*first), colour) : show_plain(what, std::move(*first), colour);
}

}  // namespace holdfast
