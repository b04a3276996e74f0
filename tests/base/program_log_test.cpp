#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "base/log/program_log_io.h"

namespace holdfast {
namespace {

TEST(ProgramLog, SaysMoreOnRequest) {
  program_log::set_level(1);
  EXPECT_TRUE(spdlog::should_log(spdlog::level::debug));
  program_log::set_level(0);
  EXPECT_FALSE(spdlog::should_log(spdlog::level::debug));
  EXPECT_TRUE(spdlog::should_log(spdlog::level::info));
}

TEST(ProgramLog, HasLostNothingYet) { EXPECT_EQ(program_log::lost(), 0U); }

}  // namespace
}  // namespace holdfast
