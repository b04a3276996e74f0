#include "balancer/cluster/cluster_secrets.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

constexpr unix_ms noon = 1'700'000'000'000;

struct node {
  // What an active node does; what the others hear.
  std::vector<sync_secret> make(unix_ms now, std::uint8_t filler) {
    std::vector<sync_secret> out;
    for (const auto& [name, size] : secrets.due(now)) {
      out.push_back(secrets.made(name, secret_bytes(size, filler), now));
    }
    return out;
  }
  std::uint8_t first_byte(const std::string& name) const { return secrets.all().at(name).bytes.front(); }

  hybrid_clock clock;
  cluster_secrets secrets{clock};
};

TEST(ClusterSecrets, AreMadeOnceAndAnewWhenTheyAreOld) {
  node lb1;
  EXPECT_EQ(lb1.make(noon, 1).size(), 2U);
  EXPECT_TRUE(lb1.make(noon + 1, 2).empty());
  EXPECT_TRUE(lb1.make(noon + cluster_secrets::life - 10'000, 2).empty());
  EXPECT_EQ(lb1.make(noon + cluster_secrets::life + 10'000, 2).size(), 2U);
  EXPECT_EQ(lb1.first_byte("tls-ticket"), 2);
}

TEST(ClusterSecrets, OfWhoeverWasActiveBeforeStay) {
  node lb1, lb2;
  for (const sync_secret& s : lb1.make(noon, 1)) lb2.secrets.take(s, noon);
  EXPECT_TRUE(lb2.make(noon + 1, 2).empty()) << "there is one of each";
  EXPECT_EQ(lb2.first_byte("tcp-fastopen"), 1);
}

TEST(ClusterSecrets, OfTwoWhoWereActiveTheLaterCountsOnBoth) {
  node lb1, lb2;
  const auto first = lb1.make(noon, 1), second = lb2.make(noon + 500, 2);
  for (const sync_secret& s : second) lb1.secrets.take(s, noon + 500);
  for (const sync_secret& s : first) lb2.secrets.take(s, noon + 500);
  for (const node* n : {&lb1, &lb2}) EXPECT_EQ(n->first_byte("tls-ticket"), 2);
}

TEST(ClusterSecrets, OfATalkativePeerAreNotAllKept) {
  node lb1;
  for (int i = 0; i < 100; ++i) {
    lb1.secrets.take({.name = "z" + std::to_string(i), .made = stamp_at(noon), .bytes = secret_bytes(16)}, noon);
  }
  EXPECT_LE(lb1.secrets.all().size(), 10U);
}

TEST(ClusterSecrets, OfATimeThatNoClockShowsDoNotCount) {
  node lb1;
  lb1.make(noon, 1);
  lb1.secrets.take({.name = "tls-ticket", .made = ~stamp{0}, .bytes = secret_bytes(80, 9)}, noon);
  EXPECT_EQ(lb1.first_byte("tls-ticket"), 1);
}

}  // namespace
}  // namespace holdfast
