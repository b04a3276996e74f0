// Each rule is shown something that it must catch and something that it must let pass.
#include "tests/tidy/rules.h"

#include <gtest/gtest.h>

namespace holdfast::tidy {

namespace {

std::string lines(std::size_t count, const std::string& line = "x();\n") {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += line;
  return out;
}

bool words_pass(const std::string& path, const std::string& text) {
  return check_forbidden_words({path, text}).empty();
}
bool is_pure(const std::string& path, const std::string& text) { return check_purity({path, text}).empty(); }

TEST(Blanking, RemovesCommentsAndLiteralsButKeepsLines) {
  EXPECT_EQ(without_comments_and_literals("a // b\nc /* d\ne */ f"), "a     \nc     \n     f");
  EXPECT_EQ(without_comments_and_literals(R"(x = "a\"b" + 'c';)"), R"(x = "    " + ' ';)");
  EXPECT_EQ(without_comments_and_literals("R\"(a\"//)\" b"), "          b");
  EXPECT_EQ(without_comments_and_literals("1'000'000 // x"), "1'000'000     ");
  EXPECT_EQ(without_comments_and_literals("\"//\" y"), "\"  \" y");
}

TEST(Words, StandAlone) {
  EXPECT_TRUE(has_word("int x = rand();", "rand("));
  EXPECT_FALSE(has_word("int x = grand();", "rand("));
  EXPECT_FALSE(has_word("virtually", "virtual"));
  EXPECT_TRUE(has_word("(virtual)", "virtual"));
}

TEST(ForbiddenWords, AreCaughtInTextAndCode) {
  EXPECT_FALSE(words_pass("docs/X.md", std::string("TO") + "DO: write\n"));
  EXPECT_FALSE(words_pass("cli/x.cpp", std::string("// FIX") + "ME\n"));
  EXPECT_FALSE(words_pass("tests/cli/x_test.cpp", "GTEST_SKIP();\n"));
  EXPECT_FALSE(words_pass("tests/cli/x_test.cpp", "TEST(A, DISABLED_B) {}\n"));
  EXPECT_FALSE(words_pass("cli/x.h", "virtual void f();\n"));
  EXPECT_TRUE(words_pass("vrrp/x.h", "// a virtual router\nconst char* name = \"virtual\";\n"));
}

TEST(ForbiddenWords, TheOnlyMacroIsEnsure) {
  EXPECT_TRUE(words_pass("base/ensure.h", "#define ensure(x) f(x)\n"));
  EXPECT_FALSE(words_pass("base/ensure.h", "#define insist(x) f(x)\n"));
  EXPECT_FALSE(words_pass("cli/x.h", "#define ensure(x) f(x)\n"));
  EXPECT_FALSE(words_pass("cli/x.h", "#ifdef FEATURE\n#endif\n"));
  EXPECT_TRUE(words_pass("cli/x.h", "#pragma once\n#include <string>\n"));
  EXPECT_TRUE(words_pass("tests/lab/x.h", "#if defined(__SANITIZE_THREAD__)\n#endif\n"));
  EXPECT_FALSE(words_pass("tests/lab/x.h", "#define LONG 1\n"));
}

TEST(ForbiddenWords, UnitTestsDoNotSleepButLabTestsMay) {
  EXPECT_FALSE(words_pass("tests/base/x_test.cpp", "std::this_thread::sleep_for(1s);\n"));
  EXPECT_TRUE(words_pass("tests/lab/x_test.cpp", "std::this_thread::sleep_for(1s);\n"));
}

TEST(Purity, PureFilesReadNoClockFileSocketOrRandomness) {
  EXPECT_FALSE(is_pure("balancer/choice/pick.cpp", "auto t = std::chrono::steady_clock::now();\n"));
  EXPECT_FALSE(is_pure("balancer/choice/pick.cpp", "auto t = time(nullptr);\n"));
  EXPECT_FALSE(is_pure("cli/x.h", "std::random_device seed;\n"));
  EXPECT_FALSE(is_pure("cli/x.cpp", "auto* f = fopen(path, mode);\n"));
  EXPECT_FALSE(is_pure("cli/x.cpp", "std::ifstream in(path);\n"));
  EXPECT_FALSE(is_pure("cli/x.cpp", "const int s = ::socket(AF_INET, SOCK_STREAM, 0);\n"));
}

TEST(Purity, PureFilesDoNotLog) {
  EXPECT_FALSE(is_pure("balancer/flow/flow.cpp", "spdlog::info(text);\n"));
  EXPECT_FALSE(is_pure("balancer/flow/flow.cpp", "std::cerr << text;\n"));
  EXPECT_TRUE(is_pure("balancer/flow/flow.cpp", "std::snprintf(b, n, f);\n"));
}

TEST(Purity, IoFilesMainAndTestsMay) {
  for (const char* path : {"base/clock_io.cpp", "balancer/main.cpp", "tests/lab/x.cpp"}) {
    EXPECT_TRUE(is_pure(path, "auto t = std::chrono::steady_clock::now();\n")) << path;
  }
}

TEST(FileLength, IsAtMostFourHundredLines) {
  EXPECT_TRUE(check_file_length({"cli/x.cpp", lines(400)}).empty());
  EXPECT_EQ(check_file_length({"cli/x.cpp", lines(401)}).size(), 1U);
  EXPECT_EQ(check_file_length({"tests/cli/x_test.cpp", lines(401)}).size(), 1U);
  EXPECT_TRUE(check_file_length({"docs/COMMANDS.md", lines(1000)}).empty());
}

TEST(FileName, MustSaySomething) {
  for (const char* path :
       {"cli/util.h", "base/string_helper.cpp", "balancer/pool-manager.h", "cli/common/x.h", "misc.md"}) {
    EXPECT_EQ(check_file_name({path, ""}).size(), 1U) << path;
  }
  EXPECT_TRUE(check_file_name({"balancer/table/client_table.h", ""}).empty());
}

TEST(HeaderShape, HasAPromiseAndOnePragma) {
  EXPECT_TRUE(check_header_shape({"cli/x.h", "// What lives here.\n#pragma once\n"}).empty());
  EXPECT_EQ(check_header_shape({"cli/x.h", "#pragma once\n"}).size(), 1U);
  EXPECT_EQ(check_header_shape({"cli/x.h", "// What lives here.\n"}).size(), 1U);
  EXPECT_TRUE(check_header_shape({"cli/x.cpp", "int x;\n"}).empty());
}

TEST(Whitespace, TabsTrailingBlanksAndMissingNewlinesAreCaught) {
  EXPECT_TRUE(check_whitespace({"a.md", "one\ntwo\n"}).empty());
  EXPECT_EQ(check_whitespace({"a.md", "one \n"}).size(), 1U);
  EXPECT_EQ(check_whitespace({"a.md", "\tone\n"}).size(), 1U);
  EXPECT_EQ(check_whitespace({"a.md", "one\r\n"}).size(), 1U);
  EXPECT_EQ(check_whitespace({"a.md", "one"}).size(), 1U);
  EXPECT_EQ(check_whitespace({"a.md", "one\n\n"}).size(), 1U);
}

TEST(Links, LeadSomewhere) {
  const auto exists = [](const std::string& path) { return path == "docs/STYLE.md" || path == "README.md"; };
  EXPECT_TRUE(
      check_links({"README.md", "[s](docs/STYLE.md#names) [w](https://example.org) [h](#here)\n"}, exists).empty());
  EXPECT_TRUE(check_links({"docs/HACKING.md", "[s](STYLE.md) [r](../README.md)\n"}, exists).empty());
  EXPECT_EQ(check_links({"docs/HACKING.md", "[s](README.md)\n"}, exists).size(), 1U);
}

TEST(Names, OfDocumentsAreOfWhatThereIs) {
  const named all = names_of({{"base/x.h", "void act();\nlog(\"state=on lines={}\" + \"how=\" + x);\n"},
                              {"tests/base/x_test.cpp", "TEST(Act, Acts) {}\n"}});
  const auto wrong = [&](const std::string& span) {
    return check_names({"docs/A.md", "It is `" + span + "`.\n"}, all).size();
  };
  for (const char* good : {"base/x.h", "base", "tests/base/x*", "x::act", "x::act(now)", "Act.Acts", "Act.*", "/base/y",
                           "elsewhere/x.h", "act", "`", "state=on", "state=WHAT why=\"...\"", "lines=many", "how=so"}) {
    EXPECT_EQ(wrong(good), 0U) << good;
  }
  for (const char* bad : {"base/y.h", "see base/y.h", "base/y*", "x::rest", "Act.Rests", "Rest.*", "state=on|off",
                          "status=on", "sta=WHAT"}) {
    EXPECT_EQ(wrong(bad), 1U) << bad;
  }
  EXPECT_TRUE(check_names({"docs/decisions/1.md", "`base/y.h`\n"}, all).empty()) << "is history";
}

}  // namespace

}  // namespace holdfast::tidy
