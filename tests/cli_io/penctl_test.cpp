#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/wait.h>

#include "tests/cli_io/served.h"

namespace holdfast {
namespace {

struct outcome {
  int status = -1;
  std::string out;  // and errors
};

outcome run(const std::string& line) {
  outcome r;
  FILE* from = popen((line + " 2>&1 </dev/null").c_str(), "r");
  char buffer[4096];
  for (std::size_t n = 0; (n = fread(buffer, 1, sizeof buffer, from)) > 0;) r.out.append(buffer, n);
  const int status = pclose(from);
  r.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return r;
}

// hfctl under Pen's name.
struct penctl {
  penctl() { std::filesystem::create_symlink(hfctl_path, home.file("penctl")); }
  outcome operator()(const std::string& arguments) const { return run(home.file("penctl") + ' ' + arguments); }
  folder home;
};

TEST(Penctl, SaysItsArgumentsAsOneLine) {
  const served s;
  const auto r = penctl()(s.path + " server 0 max 5");
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(r.out, "server 0 max 5|\n");
}

TEST(Penctl, FailsWhereNobodyListens) { EXPECT_EQ(penctl()("/run/holdfast-nobody servers").status, 1); }

TEST(Penctl, SaysItsUsageWithPensStatusWhenNothingIsAsked) {
  for (const char* too_little : {"", "listen", "127.0.0.1:9000"}) {
    const auto r = penctl()(too_little);
    EXPECT_EQ(r.status, 0) << too_little;
    EXPECT_EQ(r.out, "usage: penctl host:port|/path/to/socket command\n") << too_little;
  }
}

TEST(Penctl, FailsForAPlaceWithoutAPort) {
  const auto r = penctl()("127.0.0.1 listen");
  EXPECT_EQ(r.status, 1);
  EXPECT_EQ(r.out, "penctl: expected HOST:PORT or a path with a /, not '127.0.0.1'\n");
}

}  // namespace
}  // namespace holdfast
