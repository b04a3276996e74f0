#include "balancer/table/restoring.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

constexpr unix_ms today = 1'700'000'000'000;

sync_entry client(std::uint32_t number, sync_number server, unix_ms when = today) {
  return {.client = address::v4(number), .server = server, .assigned = stamp_at(when), .used = stamp_at(when)};
}

// The file's servers 7 and 8 are our 1 and 2; its 9 is no more.
struct reader {
  reader() {
    table.know(1, 11);
    table.know(2, 22);
  }
  void take(const std::vector<sync_entry>& some) { into.take(head, some); }

  const std::map<std::string, server_id> ids{{"a", 1}, {"b", 2}};
  const table_file_head head{.service = "web", .capacity = 100, .servers = {{7, "a"}, {8, "b"}, {9, "gone"}}};
  client_table table{100, 1};
  restoring into{ids, today + 1000, table};
};

TEST(Restoring, GivesServersOurNumbers) {
  reader r;
  r.take({client(1, 7), client(2, 8)});
  EXPECT_EQ(r.into.done().entries, 2U);
  const auto all = r.table.recent(0, 10);
  ASSERT_EQ(all.size(), 2U);
  for (const auto& one : all) EXPECT_EQ(one.server, one.client == address::v4(1) ? 1U : 2U);
}

TEST(Restoring, DropsClientsOfServersThatAreNoMore) {
  reader r;
  r.take({client(1, 7), client(2, 9), client(3, 77)});
  EXPECT_EQ(r.into.done().entries, 1U);
  EXPECT_EQ(r.into.done().dropped, 2U) << "of a server that we don't have, and of one that the file doesn't name";
  EXPECT_EQ(r.table.size(), 1U);
}

TEST(Restoring, AddsUpPieces) {
  reader r;
  r.take({client(1, 7)});
  r.take({client(2, 7), client(3, 9)});
  EXPECT_EQ(r.into.done().entries, 2U);
  EXPECT_EQ(r.into.done().dropped, 1U);
}

TEST(Restoring, CountsWhatIsAheadOfOurClock) {
  reader r;
  r.take({client(1, 7, today + 3'600'000)});
  EXPECT_EQ(r.into.done().ahead, 1U);
}

}  // namespace
}  // namespace holdfast
