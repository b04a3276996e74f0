#include "cli/procedures/client_batch.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

client_line used_at(std::uint32_t client, std::uint64_t when) {
  return {"web", address::v4(client), "web1", when, when};
}

TEST(ClientBatch, SaysTheLatestFirst) {
  client_batch all;
  all.add(used_at(1, 10));
  all.add(used_at(2, 20));
  all.sort();
  EXPECT_EQ(all.size(), 2U);
  const auto command = all.next_command(10'000);
  ASSERT_TRUE(command);
  EXPECT_EQ(command->substr(0, 12), "clients put ");
  EXPECT_LT(command->find("0.0.0.2"), command->find("0.0.0.1"));
  EXPECT_EQ(all.next_command(10'000), std::nullopt);
}

TEST(ClientBatch, SaysAsMuchAsALineHolds) {
  client_batch all;
  for (std::uint32_t i = 1; i <= 50; ++i) all.add(used_at(i, i));
  std::size_t commands = 0;
  while (const auto command = all.next_command(200)) {
    EXPECT_LE(command->size(), 200U);
    ++commands;
  }
  EXPECT_GT(commands, 3U);
}

TEST(ClientBatch, SaysOneWhateverItsLength) {
  client_batch all;
  all.add(used_at(1, 1));
  EXPECT_TRUE(all.next_command(1));
}

}  // namespace
}  // namespace holdfast
