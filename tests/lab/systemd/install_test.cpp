// What `cmake --install` puts where a service manager looks, and what systemd and the programs say of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string>

#include "tests/lab/lab.h"

namespace holdfast::lab {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::vector<std::string> units{"holdfast-balancer.service", "holdfast-vrrp.service"};

// A root directory with nothing in it but Holdfast, and the targets of this machine's systemd.
struct scratch_root {
  explicit scratch_root(const std::string& prefix = "/usr") {
    machine.must({"env", "DESTDIR=" + top().string(), "cmake", "--install", build_directory(), "--prefix", prefix});
    fs::create_directories(top() / "usr/lib/systemd/system");
    for (const auto& entry : fs::directory_iterator("/lib/systemd/system")) {
      if (entry.path().extension() == ".target")
        fs::copy(entry.path(), top() / "usr/lib/systemd/system" / entry.path().filename());
    }
  }
  fs::path top() const { return files.path(); }
  std::string unit(const std::string& name) const { return read_file(top() / "usr/lib/systemd/system" / name); }
  std::string analyze(const std::vector<std::string>& words) const {
    std::vector<std::string> all{"systemd-analyze", "--root=" + top().string(), "--man=no"};
    all.insert(all.end(), words.begin(), words.end());
    return machine.must(all);
  }

  scratch files;
  host machine{"lb"};
};

TEST(Installed, UnitsAreWhatSystemdWants) {
  const scratch_root root;
  for (const std::string& unit : units) {
    EXPECT_THAT(root.analyze({"verify", unit}), IsEmpty());
    const std::string said = root.analyze({"security", "--offline=yes", unit});
    const std::size_t level = said.find("Overall exposure level");
    ASSERT_NE(level, said.npos) << said;
    std::printf("[  figure  ] %s\n", said.substr(level, said.find('\n', level) - level).c_str());
    EXPECT_THAT(said.substr(level), HasSubstr(" OK ")) << said;
  }
}

// Or the test above says nothing.
TEST(Installed, UnitsWithAMistakeAreFoundOut) {
  const scratch_root root;
  const fs::path unit = root.top() / "usr/lib/systemd/system" / units[0];
  root.files.write(fs::relative(unit, root.top()).string(), "[Service]\nTyp=notify\n" + read_file(unit));
  EXPECT_THAT(root.analyze({"verify", units[0]}), HasSubstr("Typ"));
}

TEST(Installed, UnitsNameTheProgramsOfTheirPrefix) {
  const scratch_root root("/usr/local");
  for (const std::string& unit : units) {
    const std::string text = read_file(root.top() / "usr/local/lib/systemd/system" / unit);
    EXPECT_THAT(text, HasSubstr("ExecStart=/usr/local/sbin/holdfast-"));
    EXPECT_THAT(text, HasSubstr("ExecReload=/usr/local/bin/hfctl "));
    EXPECT_THAT(text, Not(HasSubstr("dir@"))) << "a word was left as it was";
  }
}

TEST(Installed, ProgramsHavePensNamesToo) {
  const scratch_root root;
  const fs::path bin = root.top() / "usr/bin";
  EXPECT_EQ(fs::canonical(bin / "pen"), fs::canonical(root.top() / "usr/sbin/holdfast-balancer"));
  EXPECT_EQ(fs::canonical(bin / "penctl"), fs::canonical(bin / "hfctl"));
  EXPECT_THAT(root.machine.must({bin / "pen"}), HasSubstr("usage: pen "));
}

TEST(Installed, NamesThatAnotherProgramHasStayItsOwn) {
  const scratch files;
  const host machine("lb");
  fs::create_directories(files.path() / "usr/bin");
  files.write("usr/bin/pen", "Debian's");
  const std::string said = machine.must(
      {"env", "DESTDIR=" + files.path().string(), "cmake", "--install", build_directory(), "--prefix", "/usr"});
  EXPECT_THAT(said, HasSubstr("/usr/bin/pen is another program's and stays"));
  EXPECT_EQ(read_file(files.path() / "usr/bin/pen"), "Debian's");
  EXPECT_TRUE(fs::is_symlink(files.path() / "usr/bin/penctl"));
}

TEST(Installed, UserAndDirectoriesAreMade) {
  const scratch_root root;
  const std::string top = "--root=" + root.top().string();
  fs::create_directories(root.top() / "etc");
  root.machine.must({"systemd-sysusers", top});
  EXPECT_THAT(read_file(root.top() / "etc/passwd"), HasSubstr("holdfast:"));
  EXPECT_THAT(read_file(root.top() / "etc/group"), HasSubstr("holdfast:"));
  root.machine.must({"systemd-tmpfiles", "--create", top});
  EXPECT_EQ(fs::status(root.top() / "etc/holdfast").permissions(), fs::perms(0750));
  EXPECT_EQ(fs::status(root.top() / "run/holdfast").permissions(), fs::perms(0755));
}

// Nothing is said but what this box lacks.
TEST(Installed, ExampleIsAFileThatBothProgramsTakeOnBothNodes) {
  const scratch_root root;
  const std::string file = root.top() / "usr/share/doc/holdfast/holdfast.conf.example";
  for (const char* program : {"usr/sbin/holdfast-balancer", "usr/sbin/holdfast-vrrp"}) {
    for (const char* node : {"lb1", "lb2"}) {
      process check = root.machine.run({root.top() / program, "--node", node, "--check", file},
                                       {.output = root.top() / "check.out"});
      EXPECT_EQ(check.wait(10s), std::optional(0)) << program;
      std::istringstream said(check.output());
      for (std::string line; std::getline(said, line);) {
        EXPECT_THAT(line, AnyOf(HasSubstr("warning: group front: no interface eth"),
                                HasSubstr("can't read the cluster key /etc/holdfast/cluster.key: No such file")));
      }
    }
  }
}

}  // namespace
}  // namespace holdfast::lab
