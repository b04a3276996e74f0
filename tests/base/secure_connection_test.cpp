#include <gtest/gtest.h>

#include "base/tls/secure_connection_io.h"

namespace holdfast {
namespace {

TEST(SecureConnection, KnowsPlacesInAsiosFormAndBack) {
  for (const char* host : {"192.0.2.1", "2001:db8::1"}) {
    const endpoint where{.host = *address::parse(host), .port = 4711, .path = {}};
    EXPECT_EQ(where_of(tcp_endpoint(where)), where) << host;
  }
  EXPECT_TRUE(tcp_endpoint({.host = address::v4(1), .port = 1, .path = {}}).address().is_v4());
}

}  // namespace
}  // namespace holdfast
