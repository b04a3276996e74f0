#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "base/pages_io.h"

namespace holdfast {
namespace {

// Whatever the system makes of it, the memory is as it was.
TEST(Pages, AreAskedForWithoutHarm) {
  std::vector<std::uint8_t> large(8 << 20, 7), small(16, 7);
  use_huge_pages(large.data(), large.size());
  use_huge_pages(small.data(), small.size());
  EXPECT_EQ(large.front() + large.back() + small.back(), 21);
}

}  // namespace
}  // namespace holdfast
