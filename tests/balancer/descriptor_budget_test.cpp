#include "balancer/sockets/descriptor_budget.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

// How many clients get in.
int clients_of(descriptor_budget& room) {
  int count = 0;
  while (room.take(files_of_client)) ++count;
  return count;
}

TEST(DescriptorBudget, KeepsSomeForControlChecksAndLogs) {
  descriptor_budget tiny(64), usual(1024), large(1 << 20);
  EXPECT_EQ(clients_of(tiny), (64 - 36) / 2);
  EXPECT_EQ(clients_of(usual), (1024 - 96) / 2);
  EXPECT_EQ(clients_of(large), ((1 << 20) - 1056) / 2);
}

TEST(DescriptorBudget, SaysForHowManyClientsThereIsRoom) {
  EXPECT_EQ(descriptor_budget(1000).clients(), static_cast<std::uint32_t>((1000 - descriptor_budget(1000).kept()) / 2));
  EXPECT_EQ(descriptor_budget(10).clients(), 1U);
  EXPECT_EQ(descriptor_budget(~std::uint64_t{0}).clients(), 4'000'000U);
}

TEST(DescriptorBudget, GetsBackWhatEnds) {
  descriptor_budget room(64);
  const int all = clients_of(room);
  room.give_back(3 * files_of_client);
  EXPECT_EQ(clients_of(room), 3);
  room.give_back(all * files_of_client);
  EXPECT_EQ(clients_of(room), all);
}

TEST(DescriptorBudget, HasNoneForSpeedWhenItGetsNarrow) {
  descriptor_budget room(1024);
  int pipes = 0;
  while (room.take(2, room.comfort())) ++pipes;
  EXPECT_EQ(pipes, (1024 - 96) / 4 / 2);
  EXPECT_EQ(clients_of(room), (1024 - 96) / 2 - pipes);
}

TEST(DescriptorBudget, MayBeLessThanNothing) {
  descriptor_budget room(10);
  EXPECT_EQ(clients_of(room), 0);
  room.hold(2);
  room.give_back(2);
  EXPECT_EQ(clients_of(room), 0);
}

}  // namespace
}  // namespace holdfast
