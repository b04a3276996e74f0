#include "balancer/sockets/file_room.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

// How many clients get in.
int clients_of(file_room& room) {
  int count = 0;
  while (room.take(files_of_client)) ++count;
  return count;
}

TEST(FileRoom, KeepsSomeForControlChecksAndLogs) {
  file_room tiny(64), usual(1024), large(1 << 20);
  EXPECT_EQ(clients_of(tiny), (64 - 36) / 2);
  EXPECT_EQ(clients_of(usual), (1024 - 96) / 2);
  EXPECT_EQ(clients_of(large), ((1 << 20) - 1056) / 2);
}

TEST(FileRoom, SaysForHowManyClientsThereIsRoom) {
  EXPECT_EQ(file_room(1000).clients(), static_cast<std::uint32_t>((1000 - file_room(1000).kept()) / 2));
  EXPECT_EQ(file_room(10).clients(), 1U);
  EXPECT_EQ(file_room(~std::uint64_t{0}).clients(), 4'000'000U);
}

TEST(FileRoom, GetsBackWhatEnds) {
  file_room room(64);
  const int all = clients_of(room);
  room.give_back(3 * files_of_client);
  EXPECT_EQ(clients_of(room), 3);
  room.give_back(all * files_of_client);
  EXPECT_EQ(clients_of(room), all);
}

TEST(FileRoom, HasNoneForSpeedWhenItGetsNarrow) {
  file_room room(1024);
  int pipes = 0;
  while (room.take(2, room.comfort())) ++pipes;
  EXPECT_EQ(pipes, (1024 - 96) / 4 / 2);
  EXPECT_EQ(clients_of(room), (1024 - 96) / 2 - pipes);
}

TEST(FileRoom, MayBeLessThanNothing) {
  file_room room(10);
  EXPECT_EQ(clients_of(room), 0);
  room.hold(2);
  room.give_back(2);
  EXPECT_EQ(clients_of(room), 0);
}

}  // namespace
}  // namespace holdfast
