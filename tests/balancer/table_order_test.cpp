#include "balancer/table/table_order.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

table_entry entry_of(std::uint32_t client, std::uint64_t used) {
  table_entry e{};
  e.client = address::v4(client);
  e.assigned = e.used = stamp_at(used);
  return e;
}

struct made_order {
  table_order::spot add(std::uint32_t client, std::uint64_t used) {
    return order.add(entry_of(client, used), order.hash_of(address::v4(client)));
  }
  table_order::spot find(std::uint32_t client) const {
    return order.find(address::v4(client), order.hash_of(address::v4(client)));
  }
  std::vector<std::uint32_t> clients() const {
    std::vector<std::uint32_t> all;
    for (auto at = order.newest(); at; at = order.older(at)) all.push_back(at->client.v4_value());
    return all;
  }

  server_identities who;
  table_order order{3, 7, nullptr, who};
};

TEST(TableOrder, LetsTheOldestGoWhenItIsFull) {
  made_order t;
  for (std::uint32_t i = 1; i <= 4; ++i) t.add(i, i);
  EXPECT_EQ(t.clients(), (std::vector<std::uint32_t>{4, 3, 2}));
  EXPECT_FALSE(t.find(1));
  EXPECT_EQ(t.order.evictions(), 1U);
}

TEST(TableOrder, PutsWhoIsHereAgainInFront) {
  made_order t;
  for (std::uint32_t i = 1; i <= 3; ++i) t.add(i, i);
  t.order.touch(t.find(1), t.order.hash_of(address::v4(1)));
  EXPECT_EQ(t.clients(), (std::vector<std::uint32_t>{1, 3, 2}));
}

TEST(TableOrder, PutsWhatAPeerTellsWhereItBelongs) {
  made_order t;
  t.add(1, 10);
  t.add(3, 30);
  unsigned steps = 100;
  const std::uint64_t hash = t.order.hash_of(address::v4(2));
  EXPECT_EQ(t.order.place({}, entry_of(2, 20), hash, steps), table_order::placed::done);
  EXPECT_EQ(t.clients(), (std::vector<std::uint32_t>{3, 2, 1}));
}

TEST(TableOrder, KeepsCursorsWhereTheyWere) {
  made_order t;
  for (std::uint32_t i = 1; i <= 3; ++i) t.add(i, i);
  table_order::cursor at(t.order);
  at.stand(t.find(2));
  t.order.touch(t.find(2), t.order.hash_of(address::v4(2)));
  EXPECT_EQ(at.at()->client, address::v4(1)) << "what was the next older one";
}

TEST(TableOrder, MovesToAnotherSizePieceByPiece) {
  made_order t;
  for (std::uint32_t i = 1; i <= 3; ++i) t.add(i, i);
  t.order.resize(2);
  EXPECT_EQ(t.order.capacity(), 2U);
  for (int i = 0; i < 10 && t.order.moving(); ++i) {
    t.order.move_one();
    t.order.end_resize();
  }
  EXPECT_FALSE(t.order.moving());
  EXPECT_EQ(t.clients(), (std::vector<std::uint32_t>{3, 2}));
}

}  // namespace
}  // namespace holdfast
