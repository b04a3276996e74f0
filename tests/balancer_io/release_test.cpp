#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "balancer/table/release_io.h"

namespace holdfast {
namespace {

struct large {
  ~large() { gone.set_value(std::this_thread::get_id()); }
  std::promise<std::thread::id>& gone;
};

TEST(Release, HappensOnAnotherThreadAndOnlyOnce) {
  std::promise<std::thread::id> gone;
  auto where = gone.get_future();
  auto one = released_elsewhere(std::unique_ptr<large>(new large{gone}));
  auto other = one;
  one.reset();
  EXPECT_EQ(where.wait_for(std::chrono::seconds(0)), std::future_status::timeout) << "somebody has it yet";
  other.reset();
  EXPECT_NE(where.get(), std::this_thread::get_id());
}

}  // namespace
}  // namespace holdfast
