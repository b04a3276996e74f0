// Every case, played to Debian's Pen and to Holdfast. UPDATE_GOLDEN=1 records Pen's answers anew, and ours
// where a difference is listed; it lists none by itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/differential/case_file.h"
#include "tests/differential/rig.h"
#include "tests/lab/lab.h"
#include "tests/places.h"

namespace holdfast::differential {
namespace {

namespace fs = std::filesystem;

fs::path cases() { return own_sources() + "/tests/differential/cases"; }

std::vector<std::string> all_cases() {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(cases()))
    if (file.path().extension() == ".case") names.push_back(file.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

fs::path file_of(const std::string& name) { return cases() / (name + ".case"); }
case_file load(const std::string& name) { return parse_case(lab::read_file(file_of(name))); }

// -P: with its default, epoll, Pen does not notice that a connect was refused (the case epoll-misses-refusals shows
// it). -u: without it Pen opens no control socket as root.
program pen() { return {"/usr/bin/", {"/usr/bin/pen", "-P", "-f", "-u", "root", "-C", "$DIR/control"}}; }

// Our programs behave as Pen's when they are called so. Pen is one thread; so are we here, or lines of the access log
// change places.
program holdfast(const lab::scratch& files) {
  const std::string folder = files.path().string() + '/';
  fs::create_symlink(lab::built("holdfast-balancer"), folder + "pen");
  fs::create_symlink(lab::built("hfctl"), folder + "penctl");
  for (const char* name : {"penlog", "penlogd", "mergelogs"}) fs::create_symlink(lab::built(name), folder + name);
  return {folder, {folder + "pen", "-f", "-u", "root", "-C", "$DIR/control", "-O", "workers 1"}};
}

// The sections of the document: their headings are "### name".
std::set<std::string> documented() {
  std::set<std::string> names;
  std::ifstream in(own_sources() + "/docs/PEN-DIFFERENCES.md");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("### ")) names.insert(line.substr(4));
  return names;
}

class Case : public ::testing::TestWithParam<std::string> {};

bool recording() { return std::getenv("UPDATE_GOLDEN") != nullptr; }

TEST_P(Case, PlaysWithPenAsRecorded) {
  case_file c = load(GetParam());
  rig stage(pen());
  for (step& s : c.steps) {
    const std::string answer = stage.perform(s, s.pen);
    if (recording())
      s.pen = answer;
    else
      EXPECT_EQ(answer, s.pen) << s.source;
  }
  if (recording()) std::ofstream(file_of(GetParam())) << print_case(c);
}

TEST_P(Case, PlaysWithHoldfastAsWithPenButForTheListedDifferences) {
  case_file c = load(GetParam());
  const lab::scratch files;
  rig stage(holdfast(files));
  for (step& s : c.steps) {
    const std::string answer = stage.perform(s, s.wanted_of_ours());
    if (recording() && !s.why.empty()) s.ours = answer;
    EXPECT_EQ(answer, s.wanted_of_ours())
        << s.source << '\n'
        << (s.why.empty() ? "no difference is listed here" : "the listed difference (" + s.why + ") is another now");
  }
  if (recording()) std::ofstream(file_of(GetParam())) << print_case(c);
}

INSTANTIATE_TEST_SUITE_P(Pen, Case, ::testing::ValuesIn(all_cases()), [](const auto& which) {
  std::string name = which.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Difference, IsDocumentedAndShowsInSomeCase) {
  std::set<std::string> used;
  for (const std::string& name : all_cases())
    for (const step& s : load(name).steps)
      if (!s.why.empty()) used.insert(s.why);
  EXPECT_EQ(used, documented());
}

TEST(CaseFile, ReadsBackAsItWasPrinted) {
  for (const std::string& name : all_cases()) EXPECT_EQ(print_case(load(name)), lab::read_file(file_of(name))) << name;
}

TEST(CaseFile, RefusesADifferenceThatIsNone) {
  EXPECT_THROW(parse_case("ask 127.0.0.1\npen| a\nours| a\nwhy| x\n"), std::runtime_error);
  EXPECT_THROW(parse_case("pen| a\n"), std::runtime_error);
}

}  // namespace
}  // namespace holdfast::differential
