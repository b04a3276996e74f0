// Orders to the other nodes, and who has answered.
#include "balancer/agreement/open_orders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

constexpr instant start{1h};

struct heard {
  int times = 0;
  open_orders::answers what;
  open_orders::listener ear() {
    return [this](open_orders::answers all) {
      ++times;
      what = std::move(all);
    };
  }
  std::string of(const std::string& node) const { return what.at(node).text; }
};

TEST(OpenOrders, AreDoneWhenAllHaveAnswered) {
  open_orders orders;
  heard h;
  const auto id = orders.add({"lb2", "lb3"}, {"lb4"}, h.ear(), start);
  orders.answered("lb2", {id, true, "two"});
  orders.answered("lb2", {id, true, "again"});
  orders.answered("lb9", {id, true, "who?"});
  EXPECT_EQ(h.times, 0);
  orders.answered("lb3", {id, false, "three"});
  EXPECT_EQ(h.times, 1);
  EXPECT_EQ(h.of("lb2"), "two");
  EXPECT_EQ(h.of("lb3"), "three");
  EXPECT_EQ(h.of("lb4"), "not connected");
  EXPECT_EQ(orders.due(), std::nullopt);
  orders.answered("lb3", {id, true, "too late"});
  EXPECT_EQ(h.times, 1);
}

TEST(OpenOrders, ToNobodyAreDoneAtOnce) {
  open_orders orders;
  heard h;
  orders.add({}, {}, h.ear(), start);
  EXPECT_EQ(h.times, 1);
  EXPECT_THAT(h.what, IsEmpty());
}

TEST(OpenOrders, DoNotWaitForALostNodeNorForEver) {
  open_orders orders;
  heard first, second;
  orders.add({"lb2"}, {}, first.ear(), start);
  orders.add({"lb2", "lb3"}, {}, second.ear(), start + 1s);
  orders.lost("lb2");
  EXPECT_EQ(first.of("lb2"), "the connection to it ended");
  EXPECT_EQ(second.times, 0);
  EXPECT_EQ(orders.due(), start + 1s + order_patience);
  orders.expire(start + order_patience);
  EXPECT_EQ(second.times, 0);
  orders.expire(start + 1s + order_patience);
  EXPECT_EQ(second.of("lb3"), "no answer within 10 s");
}

TEST(OpenOrders, MayLeadToAnotherOne) {
  open_orders orders;
  heard h;
  const auto id = orders.add({"lb2"}, {}, [&](const auto&) { orders.add({"lb2"}, {}, h.ear(), start); }, start);
  orders.answered("lb2", {id, true, ""});
  orders.answered("lb2", {id + 1, true, "done"});
  EXPECT_EQ(h.of("lb2"), "done");
}

}  // namespace
}  // namespace holdfast
