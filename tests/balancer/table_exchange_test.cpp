#include "balancer/cluster/table_exchange.h"

#include <gmock/gmock.h>

#include "sync/packed.h"
#include "tests/balancer/made_table.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr sync_number web = 4, their_web = 9;
constexpr unix_ms now = 1'700'000'000'000;

// A node's service `web`, and its exchange with one other node.
struct seen_exchange {
  explicit seen_exchange(std::uint32_t capacity = 100,
                         const exchange_limits& limits = {.entries_a_lock = 2, .entries_a_frame = 4})
      : table(std::make_shared<client_table>(capacity, 1)),
        services{{web, "web", table, std::make_shared<server_names>(), nullptr}},
        tables(0, services, limits) {
    services[0].servers->teach(table);
    tables.begin();
  }

  server_id server(const std::string& identity) { return services[0].servers->know(identity).value(); }
  void visit(std::uint32_t client, const std::string& at = "web1") {
    table->settle(numbered_client(client), server(at), now);
  }
  void begin() {  // with all that it has as old news
    tables.begin();
    tables.perform(sender::seek{web, 0}, now);
  }
  // What a send_entries says, in words.
  std::vector<std::string> send(entry_kind kind, bool anyhow = false) {
    std::vector<std::string> out;
    const auto done = tables.perform(sender::send_entries{web, kind, anyhow}, now);
    for (const sync_message& m : done.say) {
      if (const auto* s = std::get_if<sync_server>(&m)) out.push_back(s->identity);
      if (const auto* e = std::get_if<sync_entries>(&m)) {
        entry_reader reader(e->packed);
        std::string all;
        while (const auto one = reader.next()) all += one->client.text().substr(5) + ' ';
        out.push_back(all + (e->last ? "last" : ""));
      }
    }
    last = std::get<sender::sent>(done.result.value());
    EXPECT_EQ(done.drains, last.any);
    EXPECT_EQ(done.say.empty(), !last.any);
    return out;
  }
  sync_entries entries_of(std::uint32_t client, sync_number server, stamp assigned) {
    entry_packer packer(100);
    packer.add({numbered_client(client), server, assigned, assigned});
    return {.service = their_web, .kind = entry_kind::news, .upto = assigned, .packed = packer.take()};
  }

  std::shared_ptr<client_table> table;
  std::vector<shared_service> services;
  table_exchange tables;
  sender::sent last;
};

TEST(TableExchange, NamesServersOnceAndBeforeTheirEntries) {
  seen_exchange of;
  of.visit(1);
  of.begin();
  const auto done = of.tables.perform(sender::introduce{web}, now);
  EXPECT_THAT(done.say, ElementsAre(sync_message(sync_server{web, 1, "web1"})));
  EXPECT_FALSE(done.result);
  of.visit(2, "web2");
  EXPECT_THAT(of.send(entry_kind::news), ElementsAre("web2", "0.2 "));
  of.visit(3, "web2");
  EXPECT_THAT(of.send(entry_kind::news), ElementsAre("0.3 "));
  EXPECT_EQ(of.tables.told_news(), 2U);
}

TEST(TableExchange, SaysNewsAFrameAtATime) {
  seen_exchange of;
  of.visit(1);
  of.begin();
  of.tables.perform(sender::introduce{web}, now);
  for (std::uint32_t client = 2; client <= 6; ++client) of.visit(client);
  EXPECT_THAT(of.send(entry_kind::news), ElementsAre("0.2 0.3 0.4 0.5 "));
  EXPECT_TRUE(of.last.more);
  EXPECT_THAT(of.send(entry_kind::news), ElementsAre("0.6 "));
  EXPECT_FALSE(of.last.more);
  EXPECT_THAT(of.send(entry_kind::news), IsEmpty());
  EXPECT_THAT(of.send(entry_kind::news, true), ElementsAre("")) << "up to where it knows all";
  EXPECT_EQ(of.last.upto, of.table->latest());
}

TEST(TableExchange, ShowsAllButOfATableThatBeganEmpty) {
  seen_exchange of;
  of.visit(1);
  of.visit(2);
  of.begin();
  of.tables.perform(sender::start_snapshot{web}, now);
  EXPECT_THAT(of.send(entry_kind::snapshot), ElementsAre("web1", "0.2 0.1 last"));

  seen_exchange empty;
  empty.visit(1);
  empty.tables.perform(sender::seek{web, 0}, now);
  empty.tables.perform(sender::start_snapshot{web}, now);
  EXPECT_THAT(empty.send(entry_kind::snapshot), ElementsAre("web1", "last"));
  EXPECT_THAT(empty.send(entry_kind::news), ElementsAre("0.1 ")) << "all are news";
}

TEST(TableExchange, RepairsTheBucketsAskedFor) {
  seen_exchange of;
  for (std::uint32_t client = 1; client <= 50; ++client) of.visit(client);
  of.begin();
  of.tables.perform(sender::start_repair{web, {bucket_of(numbered_client(7))}}, now);
  std::string all;
  do {
    for (const auto& said : of.send(entry_kind::repair)) all += said;
  } while (of.last.more);
  EXPECT_NE(all.find("0.7 "), std::string::npos);
  EXPECT_LT(all.size(), 50U);
  EXPECT_TRUE(all.ends_with("last"));
}

TEST(TableExchange, SaysADigestOnlyWhenAllNewsAreSaid) {
  seen_exchange of;
  of.visit(1);
  of.begin();
  auto done = of.tables.perform(sender::send_digest{web}, now);
  EXPECT_TRUE(std::get<sender::digested>(*done.result).any && done.drains);
  EXPECT_EQ(std::get<sync_digest>(done.say.at(0)).size, 1U);
  of.visit(2);
  done = of.tables.perform(sender::send_digest{web}, now);
  EXPECT_FALSE(std::get<sender::digested>(*done.result).any || done.drains);
  EXPECT_THAT(done.say, IsEmpty());
}

TEST(TableExchange, MergesWithOurOwnNumbersAndSkipsServersWithoutAName) {
  seen_exchange of;
  of.server("other");
  of.tables.perform(receiver::learn{"web", {their_web, 70, "web7"}}, now);
  const auto done = of.tables.perform(receiver::merge{"web", of.entries_of(1, 70, stamp_at(now))}, now);
  const auto merged = std::get<receiver::merged>(*done.result);
  EXPECT_TRUE(merged.service == their_web && merged.upto == stamp_at(now));
  EXPECT_EQ(of.table->look(numbered_client(1))->server, of.server("web7"));
  EXPECT_EQ(of.tables.our_number("web", 70), of.server("web7"));
  of.tables.perform(receiver::merge{"web", of.entries_of(2, 71, stamp_at(now))}, now);
  EXPECT_FALSE(of.table->look(numbered_client(2)));
  EXPECT_EQ(of.tables.skipped(), 1U);
  of.tables.begin();
  EXPECT_FALSE(of.tables.our_number("web", 70)) << "a name is good for one connection";
}

TEST(TableExchange, FindsWhatDiffersButWhatThePeerMayNotKnowYet) {
  seen_exchange of;
  of.visit(1);
  of.begin();
  const auto differing = [&](bool quiet, stamp acknowledged, std::uint32_t capacity = 100) {
    const receiver::compare order{"web", capacity, acknowledged, quiet, sync_digest{.service = their_web}};
    return std::get<receiver::compared>(*of.tables.perform(order, now).result);
  };
  EXPECT_THAT(differing(true, 0).differing, ElementsAre(bucket_of(numbered_client(1))));
  EXPECT_THAT(differing(false, 0).differing, IsEmpty());
  of.visit(2);
  EXPECT_THAT(differing(true, of.table->look(numbered_client(1))->used).differing,
              ElementsAre(bucket_of(numbered_client(1))))
      << "there are news that are not said";
  EXPECT_FALSE(differing(true, 0, 1).comparable) << "it has room for one, we have two";
}

TEST(TableExchange, SaysOfATableThatIsGoneThatThereIsNothing) {
  seen_exchange of;
  of.services.clear();
  EXPECT_THAT(of.send(entry_kind::news), IsEmpty());
  EXPECT_FALSE(std::get<sender::digested>(*of.tables.perform(sender::send_digest{web}, now).result).any);
  of.tables.perform(receiver::merge{"web", of.entries_of(1, 70, stamp_at(now))}, now);
  const receiver::compare order{.name = "web", .what = sync_digest{.service = their_web}};
  EXPECT_FALSE(std::get<receiver::compared>(*of.tables.perform(order, now).result).comparable);
}

TEST(TableExchange, CountsWhatThePeerHasNotConfirmed) {
  seen_exchange of;
  of.visit(1);
  const stamp first = of.table->look(numbered_client(1))->used;
  of.visit(2);
  session::service_view seen;
  seen.name = "web";
  seen.acknowledged = first;
  EXPECT_EQ(of.tables.view(seen, now + 30).waiting, 1U);
  EXPECT_NEAR(of.tables.view(seen, now + 30).lag_ms, 30, 1);
  EXPECT_EQ(of.tables.view(seen, now).size, 2U);
  seen.name = "mail";
  EXPECT_EQ(of.tables.view(seen, now).waiting, 0U);
}

}  // namespace

}  // namespace holdfast
