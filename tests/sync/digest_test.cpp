#include "sync/digest.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace holdfast {

namespace {

constexpr std::uint64_t web1 = 10698296457888045158U;  // identity_hash("web1")
constexpr stamp some_time = stamp_at(1'700'000'000'000);

// Nodes of all versions must say the same, see docs/sync-protocol.md: these never change.
struct pinned {
  const char* client;
  std::uint16_t bucket;
  std::uint64_t of_web1;
  std::uint64_t of_nobody;
};
constexpr pinned pins[] = {
    {"192.0.2.1", 229, 0x2fad593b82597b9a, 0xfefdf24698a51b23},
    {"192.0.2.2", 743, 0x760b403e6b9afd9e, 0x2a0b7d769daa4649},
    {"2001:db8::1", 918, 0xff158d0eb81d577f, 0xe36dcb65523f1c93},
    {"::", 0, 0x210b855f469daaeb, 0x449ef6a02f9e8b86},
};

TEST(Digest, IsTheSameOnEveryNode) {
  for (const pinned& pin : pins) {
    const address client = *address::parse(pin.client);
    EXPECT_EQ(bucket_of(client), pin.bucket) << pin.client;
    EXPECT_EQ(assignment_hash(client, web1, some_time), pin.of_web1) << pin.client;
    EXPECT_EQ(assignment_hash(client, 0, some_time), pin.of_nobody) << pin.client;
  }
}

TEST(Digest, DoesNotDependOnTheOrder) {
  std::mt19937_64 random(1);
  std::vector<std::pair<address, std::uint64_t>> all;
  for (std::uint32_t i = 0; i < 5'000; ++i) {
    const address client = address::v4(0x0a000000 + i);
    all.emplace_back(client, assignment_hash(client, random(), some_time + i));
  }
  table_digest one;
  for (const auto& [client, hash] : all) one.add(client, hash);
  std::shuffle(all.begin(), all.end(), random);
  table_digest other;
  for (const auto& [client, hash] : all) other.add(client, hash);
  EXPECT_EQ(one, other);
  EXPECT_NE(one, table_digest());

  std::shuffle(all.begin(), all.end(), random);
  for (const auto& [client, hash] : all) one.remove(client, hash);
  EXPECT_EQ(one, table_digest());
}

TEST(Digest, DiffersInTheBucketOfWhatDiffers) {
  table_digest one;
  table_digest other;
  for (std::uint32_t i = 0; i < 5'000; ++i) {
    const address client = address::v4(i);
    one.add(client, assignment_hash(client, web1, some_time));
    other.add(client, assignment_hash(client, web1, some_time + (i == 77 ? 1 : 0)));
  }
  const auto at = bucket_of(address::v4(77));
  for (std::size_t i = 0; i < digest_buckets; ++i) EXPECT_EQ(one.sums()[i] == other.sums()[i], i != at) << i;
}

TEST(Digest, TellsClientServerAndTimeApart) {
  const address a = address::v4(1);
  const address b = address::v4(2);
  const std::set<std::uint64_t> hashes{assignment_hash(a, web1, some_time), assignment_hash(b, web1, some_time),
                                       assignment_hash(a, 0, some_time), assignment_hash(a, web1, some_time + 1)};
  EXPECT_EQ(hashes.size(), 4U);
}

TEST(Digest, SpreadsNeighboursOverItsBuckets) {
  std::vector<int> clients(digest_buckets);
  for (std::uint32_t i = 0; i < 100 * digest_buckets; ++i) ++clients[bucket_of(address::v4(0xc0a80000 + i))];
  EXPECT_GT(*std::min_element(clients.begin(), clients.end()), 50);
  EXPECT_LT(*std::max_element(clients.begin(), clients.end()), 150);
}

}  // namespace

}  // namespace holdfast
