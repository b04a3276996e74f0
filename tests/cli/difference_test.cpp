#include "cli/configuration/difference.h"

#include <gtest/gtest.h>

#include "cli/configuration/config.h"

namespace holdfast {
namespace {

settings made(const std::string& text) {
  const auto no_files = [](const std::string&) -> result<std::string, std::string> { return failure{"no such file"}; };
  return *load_config_text(text, "", "lb1", no_files);
}

TEST(Difference, IsLinesThatWentAndLinesThatCame) {
  const settings one = made("service web\nlisten 80\nserver 1 address a\nservice mail\nlisten 25\n");
  const settings two = made("service web\nlisten 80\nserver 1 address a weight 2\n");
  EXPECT_EQ(difference_of(one, one), "no change");
  EXPECT_EQ(difference_of(one, two),
            "- service mail\n- service mail listen 25\n- service web server 1 address a\n"
            "+ service web server 1 address a weight 2");
}

TEST(Difference, HasAnEnd) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "listen " + std::to_string(1000 + i) + '\n';
  const std::string text = difference_of({}, made(many));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 20);
  EXPECT_TRUE(text.ends_with("\nand 80 lines more")) << text;
}

}  // namespace
}  // namespace holdfast
