#include <gmock/gmock.h>

#include "balancer/relay/closing_orders_io.h"
#include "tests/balancer_io/made_connections.h"

namespace holdfast {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct made_orders : made_connections {
  closing_orders orders;
  std::vector<std::pair<std::uint64_t, close_reason>> ended;

  made_orders() {
    for (const std::size_t server : {0, 1, 0}) add(server);
  }
  auto carry_out() {
    ended.clear();
    while (!orders.empty()) {
      orders.carry_out_some(all, [this](connection& c, close_reason why) {
        c.closed = true;
        ended.emplace_back(c.id, why);
      });
    }
    return ended;
  }
};

TEST(ClosingOrders, MeanAServiceOrOneServerOfIt) {
  made_orders m;
  m.orders.add(close_flows{.service = 99}, 3);
  EXPECT_THAT(m.carry_out(), IsEmpty());
  m.orders.add(close_flows{.service = m.use.what->service, .server = 1}, 3);
  EXPECT_THAT(m.carry_out(), ElementsAre(std::pair(1, close_reason::ordered), std::pair(3, close_reason::ordered)));
  m.orders.add_all(3);
  EXPECT_THAT(m.carry_out(), ElementsAre(std::pair(2, close_reason::shut_down)));
}

TEST(ClosingOrders, DoNotMeanWhoHasComeSince) {
  made_orders m;
  m.orders.add_all(3);
  m.add(0);
  EXPECT_EQ(m.carry_out().size(), 3);
}

TEST(ClosingOrders, MeanAClientByItsKey) {
  made_orders m;
  m.all.find(0)->life.on(flow::accepted{made_client(1), 0}, at(duration{}));
  const auto key = m.use.what->key_of(made_client(1).from);
  m.orders.add(close_flows{.service = m.use.what->service, .server = {}, .client = key}, 3);
  EXPECT_EQ(m.carry_out().size(), 1);
}

// The first order listens; the second closes those of whom nothing has come since.
TEST(ClosingOrders, CloseWhoIsSilentBetweenTwo) {
  made_orders m;
  m.orders.add(close_silent{.service = m.use.what->service, .server = 1, .closes = true}, 3);
  EXPECT_THAT(m.carry_out(), IsEmpty()) << "nobody has listened before";
  m.all.each([](std::uint32_t, connection& c) { c.server.moved += c.id == 3 ? 10 : 0; });
  m.orders.add(close_silent{.service = m.use.what->service, .server = 1, .closes = false}, 3);
  EXPECT_THAT(m.carry_out(), IsEmpty());
  m.all.each([](std::uint32_t, connection& c) { c.server.moved += c.id == 3 ? 10 : 0; });
  m.orders.add(close_silent{.service = m.use.what->service, .server = 1, .closes = true}, 3);
  EXPECT_THAT(m.carry_out(), ElementsAre(std::pair(1, close_reason::server_down)));
}

}  // namespace

}  // namespace holdfast
