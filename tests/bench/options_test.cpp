#include "tests/bench/options.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace holdfast::bench {
namespace {

options given(const char* value) {
  const char* const words[] = {"tool", "--host", value};
  return {3, words, {"--host", "--port"}};
}

TEST(Options, ReadAnAddress) {
  EXPECT_EQ(given("10.1.0.255").host("--host", 0), 0x0a0100ffU);
  EXPECT_EQ(given("10.1.0.255").host("--port", 7), 7U);
}

TEST(Options, RefuseWhatIsNoAddress) {
  for (const char* value : {"", "10.1.0", "10.1.0.256", "10.1.0.1.", "10.1.0.1x", "10..0.1", "-1.0.0.1", "lb1"}) {
    EXPECT_THROW(given(value).host("--host", 0), std::runtime_error) << value;
  }
}

}  // namespace
}  // namespace holdfast::bench
