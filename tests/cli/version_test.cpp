#include "cli/options/version.h"

#include <gmock/gmock.h>

namespace holdfast {
namespace {

TEST(Version, SaysWhatItWasBuiltWith) {
  const std::string text = version_text("penlog (Holdfast)");
  EXPECT_THAT(text, testing::StartsWith("penlog (Holdfast) " HOLDFAST_VERSION "\n"));
  EXPECT_THAT(text,
              testing::MatchesRegex("[^\n]*\nbuilt with [A-Za-z]+ [0-9.]+ .*, Boost 1\\.[0-9.]+, OpenSSL 3\\.[0-9.]+, "
                                    "libnl 3\\.[0-9.]+, libmaxminddb 1\\.[0-9.]+, spdlog 1\\.[0-9.]+\n"));
}

}  // namespace
}  // namespace holdfast
