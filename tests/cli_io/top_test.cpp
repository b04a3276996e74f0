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

TEST(Top, NeedsADaemonToBeginWith) {
  EXPECT_EQ(run(hfctl_path + " --socket /run/holdfast-nobody top --once").status, 3);
}

TEST(Top, ShowsAScreenWhateverIsAnswered) {
  const served s({}, [](const caller&, std::string_view, const control_server::respond_type& respond) { respond({}); });
  EXPECT_EQ(run(hfctl_path + " --socket " + s.path + " top --once").status, 0);
}

}  // namespace
}  // namespace holdfast
