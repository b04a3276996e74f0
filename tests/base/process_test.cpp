#include <gtest/gtest.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/descriptor_io.h"
#include "base/process_io.h"

namespace holdfast {
namespace {

struct directory {
  directory() {
    char pattern[] = "/tmp/holdfast-process-XXXXXX";
    path = mkdtemp(pattern);
  }
  ~directory() { std::filesystem::remove_all(path); }
  std::string path;
};

TEST(Process, WritesItsNumberAndTakesItAway) {
  const directory d;
  const std::string path = d.path + "/pid";
  {
    const pid_file file(path);
    std::ifstream in(path);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(text, std::to_string(getpid())) << "as Pen writes it: without an end of line";
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  const pid_file none("");
}

TEST(Process, MakesItsDirectoryWithItsParent) {
  const directory d;
  make_run_directory(d.path + "/run/holdfast");
  EXPECT_TRUE(std::filesystem::is_directory(d.path + "/run/holdfast"));
  make_run_directory(d.path + "/run/holdfast");
}

TEST(Process, MayBecomeWhoItIs) {
  confine("", "");
  if (geteuid() != 0) confine(getpwuid(geteuid())->pw_name, "");
  EXPECT_THROW(confine("no such user", ""), std::runtime_error);
}

TEST(Process, MayOpenAsManyFilesAsItIsAllowed) {
  raise_file_limit();
  EXPECT_GE(file_limit(), 256U);
}

TEST(Process, HasAHost) { EXPECT_FALSE(host_name().empty()); }

}  // namespace
}  // namespace holdfast
