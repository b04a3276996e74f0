#include <gtest/gtest.h>

#include <fstream>

#include "cli/configuration/files_io.h"
#include "tests/cli_io/served.h"

namespace holdfast {

namespace {

std::string why_not(const std::string& path) {
  const auto text = read_whole_file(path);
  return text ? "it holds " + *text : text.error();
}

TEST(WholeFile, IsReadAsItIs) {
  const folder f;
  std::ofstream(f.file("a"), std::ios::binary) << std::string("one\ntwo\0", 8);
  EXPECT_EQ(*read_whole_file(f.file("a")), std::string("one\ntwo\0", 8));
}

TEST(WholeFile, IsRegularAndOfLimitedSize) {
  const folder f;
  EXPECT_EQ(why_not(f.file("none")), f.file("none") + ": No such file or directory");
  EXPECT_EQ(why_not(f.file("")), f.file("") + ": expected a regular file");
  std::ofstream(f.file("large")).close();
  std::filesystem::resize_file(f.file("large"), (64U << 20) + 1);
  EXPECT_EQ(why_not(f.file("large")), f.file("large") + ": larger than 64 MiB");
}

TEST(WholeFile, IsReplacedAtOnceOrNotAtAll) {
  const folder f;
  EXPECT_TRUE(replace_file(f.file("a"), "one"));
  EXPECT_TRUE(replace_file(f.file("a"), "two"));
  EXPECT_EQ(*read_whole_file(f.file("a")), "two");
  EXPECT_FALSE(std::filesystem::exists(f.file("a.new")));
  std::filesystem::create_directory(f.file("b"));
  std::ofstream(f.file("b/within")).close();
  const auto refused = replace_file(f.file("b"), "three");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().starts_with("can't write " + f.file("b") + ": ")) << refused.error();
  EXPECT_FALSE(std::filesystem::exists(f.file("b.new")));
}

}  // namespace

}  // namespace holdfast
