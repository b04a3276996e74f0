// scenario FILE: tells the story. Status 1: it went differently; says in which line.
#include <cstdio>
#include <fstream>
#include <iterator>

#include "tests/scenarios/story.h"

int main(int argc, char** argv) {
  std::ifstream file(argc == 2 ? argv[1] : "");
  if (!file) {
    std::fprintf(stderr, "usage: %s FILE.scn\n", argv[0]);
    return 2;
  }
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string trouble = holdfast::sim::tell(text);
  if (!trouble.empty()) std::printf("%s: %s\n", argv[1], trouble.c_str());
  return trouble.empty() ? 0 : 1;
}
