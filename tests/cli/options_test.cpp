#include "cli/options/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace holdfast {

namespace {

using testing::ElementsAre;

constexpr std::array rows{option_row{'v', "", "", "Tell more."}, option_row{'F', "", "FILE", "Read it."},
                          option_row{0, "node", "NAME", "Who we are."}, option_row{0, "once", "", "Do it once."}};

// What was taken, in order; a mishap last.
std::vector<std::string> taken(const std::vector<std::string>& words) {
  std::vector<std::string> all;
  const auto option = [&](std::size_t row, const std::string& argument) {
    all.push_back(shown(rows.at(row)) + '(' + argument + ')');
    return argument == "bad" ? mishap("bad it is") : mishap();
  };
  const auto other = [&](const std::string& word) {
    all.push_back(word);
    return mishap();
  };
  if (const auto wrong = take_options(words, rows, {option, other})) all.push_back("! " + *wrong);
  return all;
}

TEST(Options, AreTakenAsGetoptDoes) {
  EXPECT_THAT(taken({"-vvF", "x", "a", "--once", "-Fy", "--node", "n", "--node=m", "b"}),
              ElementsAre("-v()", "-v()", "-F(x)", "a", "--once()", "-F(y)", "--node(n)", "--node(m)", "b"));
  EXPECT_THAT(taken({"-v", "--", "-v", "--", "--once"}), ElementsAre("-v()", "-v", "--", "--once"));
  EXPECT_THAT(taken({"-"}), ElementsAre("-"));
}

TEST(Options, EndAtTheFirstMishap) {
  EXPECT_THAT(taken({"-F", "bad", "-v"}), ElementsAre("-F(bad)", "! bad it is"));
  EXPECT_THAT(taken({"-x"}), ElementsAre("! expected an option: -x is none (see --help)"));
  EXPECT_THAT(taken({"--v"}), ElementsAre("! expected an option: --v is none (see --help)"));
  EXPECT_THAT(taken({"--once=3"}), ElementsAre("! --once takes no argument"));
  EXPECT_THAT(taken({"-F"}), ElementsAre("! -F: expected FILE"));
  EXPECT_THAT(taken({"--node"}), ElementsAre("! --node: expected NAME"));
}

TEST(Options, AreExplainedInColumns) {
  EXPECT_EQ(options_text(std::span(rows).first(2)),
            "  -v                        Tell more.\n  -F FILE                   Read it.\n");
}

}  // namespace

}  // namespace holdfast
