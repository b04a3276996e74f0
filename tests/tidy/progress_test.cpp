// scripts/progress, which scripts/test and scripts/demo show a build with.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "tests/places.h"

namespace holdfast {
namespace {

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string all;
  std::array<char, 4096> some{};
  while (const std::size_t n = std::fread(some.data(), 1, some.size(), pipe.get())) all.append(some.data(), n);
  return all;
}

// What it shows of a log in three seconds; `around` has a blank where it runs.
std::string shown(const std::string& log, const std::string& before, const std::string& after) {
  const std::string file = testing::TempDir() + "progress." + std::to_string(getpid()) + ".log";
  std::ofstream(file) << log;
  const std::string run = own_sources() + "/scripts/progress " + file + " & sleep 3; kill $!; wait $!; echo ended $?";
  const std::string all = output_of(before + run + after);
  std::remove(file.c_str());
  return all;
}

TEST(Progress, ShowsAtATerminalHowFarABuildIs) {
  const std::string all = shown("[1/10] a\n[4/10] b\n", "script -qec '", "' /dev/null");
  EXPECT_NE(all.find("4 of 10"), std::string::npos) << all;
  EXPECT_NE(all.find("ended 0"), std::string::npos) << all;
}

TEST(Progress, ShowsHowFarTestsAre) {
  const std::string all = shown(" 7/32 Test  #7: A.B ....   Passed    0.01 sec\n", "script -qec '", "' /dev/null");
  EXPECT_NE(all.find("7 of 32"), std::string::npos) << all;
}

TEST(Progress, ShowsNothingWithoutATerminal) { EXPECT_EQ(shown("[4/10] b\n", "", ""), "ended 0\n"); }

}  // namespace
}  // namespace holdfast
