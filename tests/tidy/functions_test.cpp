// The brace counter, shown the shapes that C++ gives to functions.
#include <gtest/gtest.h>

#include "tests/tidy/rules.h"

namespace holdfast::tidy {

namespace {

// Is a function whose first lines are `head` (ending in an open brace) found too long exactly when it is?
void expect_counted(const std::string& head, const std::string& tail = "}\n") {
  const std::size_t head_lines = split_lines(head).size();
  std::string body;
  for (std::size_t i = head_lines + 1; i < max_function_lines; ++i) body += "  if (a) { b(); }\n";
  EXPECT_TRUE(check_function_length({"cli/x.cpp", head + body + tail}).empty()) << head;
  EXPECT_EQ(check_function_length({"cli/x.cpp", head + "  c();\n" + body + tail}).size(), 1U) << head;
}

TEST(FunctionLength, CountsOrdinaryFunctions) {
  expect_counted("int f() {\n");
  expect_counted("int x::f(int a,\n      int b) const {\n");
  expect_counted("auto f(int a = 1) -> int {\n");
  expect_counted("void f(struct stat& s) {\n");
  expect_counted("bool x::operator==(const x& o) const {\n");
  expect_counted("TEST(Noun, SaysASentence) {\n");
  expect_counted("extern \"C\" int f(int a) {\n");
}

TEST(FunctionLength, CountsTemplatesAndConstructors) {
  expect_counted("template <class T, class U = y<T>>\nint f(T t) {\n");
  expect_counted("x::x() : a_{1}, b_(2), c_{3} {\n");
  expect_counted("x::x(int a) : base(a) {\n");
}

TEST(FunctionLength, CountsLambdasOfTheirOwn) { expect_counted("auto f = [](int a) {\n", "};\n"); }

TEST(FunctionLength, DoesNotCountScopesAndTables) {
  std::string rows;
  for (int i = 0; i < 100; ++i) rows += "  {1, f(2)},\n";
  EXPECT_TRUE(check_function_length({"cli/x.cpp", "constexpr row rows[] = {\n" + rows + "};\n"}).empty());
  EXPECT_TRUE(check_function_length({"cli/x.cpp", "const auto rows = to_array<row>({\n" + rows + "});\n"}).empty());
  std::string members;
  for (int i = 0; i < 100; ++i) members += "  int f() { return 1; }\n";
  for (const char* head : {"class x : public y {\n public:\n", "namespace x {\n", "template <class T>\nstruct x {\n"}) {
    EXPECT_TRUE(check_function_length({"cli/x.h", head + members + "};\n"}).empty()) << head;
  }
}

TEST(FunctionLength, FindsMethodsInsideClasses) {
  std::string body;
  for (std::size_t i = 0; i < max_function_lines; ++i) body += "    a();\n";
  const findings found =
      check_function_length({"cli/x.h", "class x {\n public:\n  void f() {\n" + body + "  }\n  int y = 0;\n};\n"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().line, 3U);
}

TEST(FunctionLength, IsNotFooledByBracesInTextAndComments) {
  const std::string text = "void f() {\n  g(\"{\");  // {\n  h('{');\n}\nint y;\n";
  std::string rest;
  for (std::size_t i = 0; i < 100; ++i) rest += "int z;\n";
  EXPECT_TRUE(check_function_length({"cli/x.cpp", text + rest + "void g() {\n}\n"}).empty());
}

}  // namespace

}  // namespace holdfast::tidy
