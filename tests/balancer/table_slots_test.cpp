#include "balancer/table/table_slots.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

constexpr std::uint64_t seed = 7;

struct made_slots {
  std::uint32_t add(std::uint32_t client, server_id server, std::uint32_t newer = 0) {
    table_entry e{};
    e.client = address::v4(client);
    e.assigned = e.used = stamp_at(client);
    e.server = server;
    return slots.add(e, table_slots::hash_of(e.client, seed), newer);
  }
  std::uint32_t find(std::uint32_t client) const {
    return slots.find(address::v4(client), table_slots::hash_of(address::v4(client), seed));
  }
  // From the newest to the oldest.
  std::vector<std::uint32_t> order() const {
    std::vector<std::uint32_t> all;
    for (std::uint32_t n = slots.newest(); n != 0; n = slots[n].older) all.push_back(slots[n].client.v4_value());
    return all;
  }

  server_identities who;
  table_slots slots{4, seed, nullptr, who};
};

TEST(TableSlots, FindWhatWasAdded) {
  made_slots s;
  EXPECT_EQ(s.find(1), 0U);
  const std::uint32_t n = s.add(1, 0);
  EXPECT_EQ(s.find(1), n);
  EXPECT_EQ(s.slots.size(), 1U);
  s.slots.remove(n);
  EXPECT_EQ(s.find(1), 0U);
  EXPECT_EQ(s.slots.size(), 0U);
}

TEST(TableSlots, KeepTheOrderOfLastUse) {
  made_slots s;
  const std::uint32_t one = s.add(1, 0);
  s.add(2, 0);
  s.add(3, 0);
  EXPECT_EQ(s.order(), (std::vector<std::uint32_t>{3, 2, 1}));
  s.slots.move(one, 0);
  EXPECT_EQ(s.order(), (std::vector<std::uint32_t>{1, 3, 2}));
  s.add(4, 0, one);
  EXPECT_EQ(s.order(), (std::vector<std::uint32_t>{1, 4, 3, 2})) << "behind that one";
  EXPECT_TRUE(s.slots.full());
  EXPECT_EQ(s.slots[s.slots.oldest()].client, address::v4(2));
}

TEST(TableSlots, TakeASlotAgainThatIsFree) {
  made_slots s;
  for (std::uint32_t i = 1; i <= 4; ++i) s.add(i, 0);
  s.slots.remove(s.find(2));
  EXPECT_FALSE(s.slots.full());
  s.add(5, 0);
  EXPECT_EQ(s.order(), (std::vector<std::uint32_t>{5, 4, 3, 1}));
  EXPECT_EQ(s.slots.taken(), 4U);
}

TEST(TableSlots, CountThoseOfNobody) {
  made_slots s;
  s.who.know(1, 11);
  s.add(1, 0);
  const std::uint32_t n = s.add(2, 1);
  EXPECT_EQ(s.slots.forgotten(), 1U);
  s.slots.assign(n, 0, stamp_at(9));
  EXPECT_EQ(s.slots.forgotten(), 2U);
}

TEST(TableSlots, HaveTheSameDigestForTheSameAssignments) {
  made_slots a, b;
  for (made_slots* s : {&a, &b}) s->who.know(1, 11);
  a.add(1, 1);
  a.add(2, 1);
  b.add(2, 1);
  b.add(1, 1);
  EXPECT_EQ(a.slots.digest(), b.slots.digest()) << "whatever came first";
  b.slots.assign(b.find(1), 0, stamp_at(9));
  EXPECT_FALSE(a.slots.digest() == b.slots.digest());
}

}  // namespace
}  // namespace holdfast
