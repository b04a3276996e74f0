#include <gmock/gmock.h>

#include "balancer/relay/connection_lists_io.h"
#include "tests/balancer_io/made_connections.h"

namespace holdfast {

namespace {

using testing::UnorderedElementsAre;

struct made_lists : made_connections {
  connection_lists lists;

  made_lists() {
    for (const std::size_t server : {0, 1, 0, 1}) add(server);
    all.each([](std::uint32_t, connection& c) { c.last = at(std::chrono::seconds(c.id)); });
  }
  std::vector<std::uint64_t> asked(connection_query which) {
    std::optional<std::vector<std::uint64_t>> ids;
    lists.add({[&](const std::vector<connection_row>& rows) {
                 ids.emplace();
                 for (const connection_row& r : rows) ids->push_back(r.id);
               },
               std::move(which)});
    while (!ids) lists.make_some(all, at(10s));
    EXPECT_TRUE(lists.empty());
    return *ids;
  }
};

TEST(ConnectionLists, HoldAllThatAreThere) {
  made_lists m;
  m.all.find(0)->closed = true;
  EXPECT_EQ(m.asked({}).size(), 3);
}

TEST(ConnectionLists, HoldThoseAskedFor) {
  made_lists m;
  EXPECT_THAT(m.asked({.service = {}, .server = "web1"}), UnorderedElementsAre(2, 4));
  EXPECT_THAT(m.asked({.service = 99}), UnorderedElementsAre());
  EXPECT_THAT(m.asked({.service = {}, .server = {}, .client = {}, .older = 11s}), UnorderedElementsAre());
}

TEST(ConnectionLists, HoldThoseWhereBytesMovedLastIfFewAreWanted) {
  made_lists m;
  connection_query two;
  two.most = 2;
  EXPECT_THAT(m.asked(two), UnorderedElementsAre(3, 4));
}

TEST(ConnectionLists, SayWhatIsKnownOfOne) {
  made_lists m;
  m.all.each([](std::uint32_t, connection& c) { c.client.moved = 5, c.server.moved = 7; });
  connection_row row;
  m.lists.add({[&](const std::vector<connection_row>& rows) { row = rows.at(0); }, {.service = {}, .server = "web0"}});
  m.lists.make_some(m.all, at(10s));
  EXPECT_EQ(row.server, "web0");
  EXPECT_EQ(row.sent, 5);
  EXPECT_EQ(row.received, 7);
  EXPECT_EQ(row.age, duration(10s));
  EXPECT_EQ(m.use.what->servers[0].live->received, 14) << "the server's counters know by now, too";
}

}  // namespace

}  // namespace holdfast
