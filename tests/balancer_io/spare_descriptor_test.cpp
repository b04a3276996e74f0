#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "balancer/sockets/spare_descriptor_io.h"

namespace holdfast {
namespace {

TEST(SpareDescriptor, LeavesRoomForOneMore) {
  spare_descriptor spare;
  ASSERT_TRUE(spare.ready());
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const descriptor next(dup(2));  // the lowest free number: nothing above it is open below the limit
  ASSERT_TRUE(next);
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(next.get()) + 1;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  EXPECT_TRUE(spare.ready()) << "it is held";
  EXPECT_LT(dup(2), 0) << "there is room for nobody else";
  spare.spend();
  const descriptor client(dup(2));
  EXPECT_TRUE(client) << "but for this one";
  EXPECT_FALSE(spare.ready());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(spare.ready());
}

}  // namespace
}  // namespace holdfast
