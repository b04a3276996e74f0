#include <gtest/gtest.h>

#include "balancer/choice/pool.h"
#include "balancer/table/table_keeper_io.h"
#include "tests/balancer_io/peer.h"
#include "tests/cli_io/served.h"

namespace holdfast {

namespace {

constexpr unix_ms today = 1'700'000'000'000;

void know(client_table& table) {
  table.know(1, identity_hash("a"));
  table.know(2, identity_hash("b"));
}

kept_table made_table(std::uint32_t clients) {
  kept_table made{
      .service = "web", .clients = std::make_shared<client_table>(100'000, 1), .servers = {{1, "a"}, {2, "b"}}};
  know(*made.clients);
  for (std::uint32_t i = 0; i < clients; ++i) made.clients->settle(address::v4(i + 1), 1 + i % 2, today + i);
  return made;
}

TEST(TableKeeper, WritesNowAndThenAndInTheEnd) {
  const folder home;
  const std::string directory = home.file("state");
  const kept_table table = made_table(3000);
  const auto saved = [&] {
    client_table after(100'000, 2);
    know(after);
    const auto found = restore_table(directory, "web", {{"a", 1}, {"b", 2}}, today + 3'600'000, after);
    return found ? found->entries : 0;
  };
  {
    table_keeper keeper(directory, 5ms);
    keeper.keep({table});
    table.clients->settle(address::v4(5000), 1, today + 20'000);
    EXPECT_TRUE(eventually([&] { return saved() == 3001; }));
  }
  {
    table_keeper keeper(directory, 1h);
    keeper.keep({table});
    table.clients->settle(address::v4(5001), 1, today + 20'001);
  }
  EXPECT_EQ(saved(), 3002U);
}

TEST(TableKeeper, DoesNotWriteWhatHasNotChanged) {
  const folder home;
  const kept_table table = made_table(10);
  const std::string path = table_file_path(home.file("state"), "web");
  table_keeper keeper(home.file("state"), 2ms);
  keeper.keep({table});
  poll(nullptr, 0, 50);
  EXPECT_FALSE(std::filesystem::exists(path));
  table.clients->settle(address::v4(5000), 1, today + 20'000);
  EXPECT_TRUE(eventually([&] { return std::filesystem::exists(path); }));
}

}  // namespace

}  // namespace holdfast
