// holdfast-manual: writes what follows from the table of commands to stdout. Used by the build.
#include <cstdio>
#include <string_view>

#include "cli/manual/manual.h"

int main(int count, char** words) {
  using make = std::string (*)();
  struct part {
    std::string_view name;
    make text;
  };
  constexpr part parts[] = {
      {"man1", holdfast::manual_of_hfctl},           {"man1-penlog", holdfast::manual_of_penlog},
      {"man1-penlogd", holdfast::manual_of_penlogd}, {"man1-mergelogs", holdfast::manual_of_mergelogs},
      {"man5", holdfast::manual_of_files},           {"man8", holdfast::manual_of_balancer},
      {"man8-vrrp", holdfast::manual_of_vrrp},       {"commands", holdfast::page_of_commands},
      {"completion", holdfast::completion_for_bash}};
  for (const part& p : parts) {
    if (count == 2 && p.name == words[1]) return std::fputs(p.text().c_str(), stdout) < 0 || std::fflush(stdout) != 0;
  }
  std::fputs("usage: holdfast-manual PART, one of", stderr);
  for (const part& p : parts) std::fprintf(stderr, " %s", std::string(p.name).c_str());
  std::fputs("\n", stderr);
  return 2;
}
