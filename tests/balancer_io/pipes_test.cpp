#include <gtest/gtest.h>
#include <unistd.h>

#include "balancer/relay/pipes_io.h"

namespace holdfast {
namespace {

TEST(PipePool, GivesAPipeAgainThatIsEmpty) {
  descriptor_budget files(1000);
  pipe_pool pool(files);
  auto one = pool.take();
  ASSERT_TRUE(one);
  const int in = one->in.get();
  EXPECT_EQ(write(in, "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(read(one->out.get(), &byte, 1), 1);
  pool.give_back(std::move(one));
  const auto again = pool.take();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->in.get(), in);
}

TEST(PipePool, ClosesAPipeWithBytesInside) {
  descriptor_budget files(1000);
  pipe_pool pool(files);
  auto one = pool.take();
  ASSERT_TRUE(one);
  const int in = one->in.get();
  one->bytes = 1;
  pool.give_back(std::move(one));
  EXPECT_EQ(write(in, "x", 1), -1) << "nobody has it";
}

}  // namespace
}  // namespace holdfast
