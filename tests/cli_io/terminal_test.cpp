#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "cli/screen/terminal_io.h"

namespace holdfast {
namespace {

TEST(Terminal, IsToldFromAFile) {
  const descriptor terminal(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)), file(open("/dev/null", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(terminal && file);
  EXPECT_TRUE(is_terminal(terminal.get()));
  EXPECT_FALSE(is_terminal(file.get()));
  EXPECT_FALSE(is_terminal(-1));
}

}  // namespace
}  // namespace holdfast
