#include "cli/hfctl/penctl_io.h"

#include <cstdio>

#include "cli/language/grammar.h"
#include "cli/talk/ask_io.h"
#include "cli/talk/route.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;

// Pen's words are ours; what isn't understood is answered at once.
std::chrono::milliseconds patience_with(std::string_view line) {
  const auto understood = parse(line, source::control);
  return understood ? patience_for(understood->what) : 1s;
}

}  // namespace

int run_penctl(const std::vector<std::string_view>& arguments) {
  if (arguments.size() < 2) {
    std::puts("usage: penctl host:port|/path/to/socket command");
    return 0;  // as Pen's does, though nothing was done
  }
  const std::string place(arguments[0]);
  if (place.find_first_of("/:") == std::string::npos) {
    std::fprintf(stderr, "penctl: expected HOST:PORT or a path with a /, not '%s'\n", place.c_str());
    return 1;
  }
  std::string line;
  for (std::size_t i = 1; i < arguments.size(); ++i) line.append(i == 1 ? "" : " ").append(arguments[i]);
  const auto answer = ask(place, line, patience_with(line));
  if (!answer) {
    std::fprintf(stderr, "penctl: %s\n", answer.error().why.c_str());
    return 1;
  }
  std::fwrite(answer->data(), 1, answer->size(), stdout);
  return std::fflush(stdout) == 0 && !answer->starts_with("error:") ? 0 : 1;
}

}  // namespace holdfast
