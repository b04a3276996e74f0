// Every case, played to Debian's Pen and to Holdfast. UPDATE_GOLDEN=1 records Pen's answers anew, and ours
// where a difference is listed; it lists none by itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

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
  rig stage(debians_pen());
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
  rig stage(holdfast_as_pen(files));
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

// What the last step of a story answers.
std::string answer_of(const program& to, const std::string& story) {
  rig stage(to);
  std::string answer;
  for (const step& s : parse_case(story).steps) answer = stage.perform(s, {});
  return answer;
}

std::string as_file(const std::string& text) {
  std::string step = "file pen.cfg\n";
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) step += "| " + line + '\n';
  return step;
}

std::vector<std::string> words_of(const std::string& file) {
  std::vector<std::string> lines;
  std::istringstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with('#')) lines.push_back(line);
  }
  return lines;
}

constexpr char written[] = "ctl write $DIR/out.cfg\nshow $DIR/out.cfg\n";
constexpr char read_and_written[] = "run -F $DIR/pen.cfg 8080\nctl write $DIR/out.cfg\nshow $DIR/out.cfg\n";

class WayBack : public ::testing::TestWithParam<const char*> {};

// Pen writes, we read and write, Pen reads and writes.
TEST_P(WayBack, LosesNoWordThatPenKnows) {
  const lab::scratch files;
  const std::string pens = answer_of(debians_pen(), GetParam() + std::string(written));
  ASSERT_NE(pens.find("server 0 "), std::string::npos) << pens;
  const std::string ours = answer_of(holdfast_as_pen(files), as_file(pens) + read_and_written);
  EXPECT_EQ(words_of(answer_of(debians_pen(), as_file(ours) + read_and_written)), words_of(pens)) << ours;
}

INSTANTIATE_TEST_SUITE_P(
    Pen, WayBack,
    ::testing::Values(
        "run 8080 127.0.0.1:7001 127.0.0.1:7002:10:20\n",
        "run -h -O \"acl 1 permit 10.0.0.0 255.0.0.0\" -O \"acl 1 deny 10.0.0.1\" -O \"acl 2 permit fd00::/16\" "
        "-O \"acl 2 deny ::1\" -O \"acl 3 permit country SE\" -O \"acl 9 deny 0.0.0.0 0.0.0.0\" -O \"client_acl 1\" "
        "-O \"control_acl 2\" 8080 127.0.0.1:7001:1:2:3:4 [::1]:7002\nctl server 1 acl 9\n",
        "run -r -s -W -a -d -b 7 -t 9 -T 77 -l $DIR/log -w $DIR/web.html -O prio -O tcp_nodelay "
        "-O \"tcp_fastclose up\" 8080 127.0.0.1:7001:1:2:3:4 [::1]:7002:0:0:5 /tmp/x\n",
        "run 8080 127.0.0.1:7001\nctl server 2 address 127.0.0.1 port 7003\nctl server 2 address 0 port 0\n"
        "ctl server 5 address 127.0.0.1 port 7005 max 3 blacklist 9\nctl server 0 port 0\nctl no server 1\n"));

// HOWTO: `-h` on :80 and on :443 with the same servers. A client of server 7001 there is one of 7004 here, and so on.
void meets_the_same_hosts(const program& a, const program& b) {
  rig http(a), https(b);
  const auto tell = [](rig& to, const std::string& line) {
    return to.perform(parse_case(line + '\n').steps.at(0), {});
  };
  ASSERT_EQ(tell(http, "run -h 8080 127.0.0.1:7001 [::1]:7002 localhost:7003"), "");
  ASSERT_EQ(tell(https, "run -h 8080 127.0.0.1:7004 [::1]:7005 localhost:7006"), "");
  std::set<std::string> met;
  for (int i = 1; i <= 20; ++i) {
    const std::string ask = "ask 127.0.1." + std::to_string(i);
    std::string there = tell(http, ask);
    met.insert(there);
    there.at(0) = static_cast<char>(there.at(0) + 3);
    EXPECT_EQ(tell(https, ask), there) << ask;
  }
  EXPECT_EQ(met.size(), 3U);
}

TEST(Hash, OfTwoProcessesMeetsTheSameHosts) {
  const lab::scratch files, more;
  meets_the_same_hosts(debians_pen(), debians_pen());
  meets_the_same_hosts(holdfast_as_pen(files), holdfast_as_pen(more));
}

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
