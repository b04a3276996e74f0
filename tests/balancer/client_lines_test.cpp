#include "balancer/show/client_lines.h"

#include <gtest/gtest.h>

#include <set>

#include "cli/reply/client_line.h"
#include "tests/balancer/made_pool.h"

namespace holdfast {

namespace {

constexpr unix_ms now = 1'795'575'684'123;

pool named_pool(const std::string& name, std::size_t servers = 2, std::uint32_t clients = 2048) {
  service_settings policy;
  policy.name = name;
  policy.clients_max = clients;
  return made_pool(servers, policy);
}

address number(std::uint32_t n) { return address::v4(0x0a020000 + n); }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    all.push_back(text.substr(at, text.find('\n', at) - at));
  }
  return all;
}

// All pieces, one after the other.
std::vector<std::string> all_lines(pool_list pools, int& pieces) {
  std::vector<std::string> all;
  std::string after;
  pieces = 0;
  do {
    const reply piece = client_lines_answer(pools, after);
    EXPECT_EQ(piece.is, verdict::done);
    for (std::string& line : lines_of(piece.pen)) all.push_back(std::move(line));
    after = piece.message;
  } while (!after.empty() && ++pieces < 1000);
  return all;
}

std::uint64_t count_of(const reply& r, std::string_view column) {
  const reply_table& t = r.tables.at(0);
  for (std::size_t i = 0; i < t.columns.size(); ++i) {
    if (t.columns[i].name == column) return t.rows.at(0)[i].to_number<std::uint64_t>();
  }
  ADD_FAILURE() << column;
  return 0;
}

TEST(ClientLines, AreOfAllClientsOfAllServices) {
  const pool mail = named_pool("mail"), web = named_pool("web");
  mail.clients->settle(number(1), 1, now);
  web.clients->settle(number(2), 2, now);
  const pool* pools[] = {&web, &mail};
  int pieces = 0;
  const auto lines = all_lines(pools, pieces);
  EXPECT_EQ(lines, (std::vector<std::string>{"mail,10.2.0.1,web0,2026-11-25T03:01:24.123Z,2026-11-25T03:01:24.123Z",
                                             "web,10.2.0.2,web1,2026-11-25T03:01:24.123Z,2026-11-25T03:01:24.123Z"}));
}

TEST(ClientLines, ComeInPiecesEachOnce) {
  constexpr std::uint32_t many = 60'000;
  const pool web = named_pool("web", 2, many);
  for (std::uint32_t n = 0; n < many; ++n) web.clients->settle(number(n), 1 + n % 2, now + n);
  const pool* pools[] = {&web};
  int pieces = 0;
  const auto lines = all_lines(pools, pieces);
  EXPECT_GE(pieces, 2);
  EXPECT_LT(pieces, 10);
  EXPECT_EQ(lines.size(), many);
  EXPECT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), many);
}

TEST(ClientLines, LeaveOutWhoWasForgotten) {
  const pool web = named_pool("web");
  web.clients->settle(number(1), 1, now);
  web.clients->settle(number(2), 1, now);
  web.clients->forget(number(1), now);
  const pool* pools[] = {&web};
  int pieces = 0;
  EXPECT_EQ(all_lines(pools, pieces).size(), 1U);
}

TEST(ClientLines, GoOnWithTheNextServiceIfOneHasGone) {
  const pool web = named_pool("web");
  web.clients->settle(number(2), 2, now);
  const pool* pools[] = {&web};
  EXPECT_EQ(lines_of(client_lines_answer(pools, "mail:4096").pen).size(), 1U);
  EXPECT_EQ(client_lines_answer(pools, "xenon:7").pen, "");
  EXPECT_EQ(client_lines_answer(pools, "web").is, verdict::refused);
  EXPECT_EQ(client_lines_answer(pools, "web:x").is, verdict::refused);
}

TEST(ClientLines, ComeBackToTheSameTable) {
  const pool from = named_pool("web"), to = named_pool("web");
  for (std::uint32_t n = 0; n < 100; ++n) from.clients->settle(number(n), 1 + n % 2, now + n);
  const pool* source[] = {&from};
  const pool* target[] = {&to};
  int pieces = 0;
  std::string text;
  for (const std::string& line : all_lines(source, pieces)) text += (text.empty() ? "" : " ") + line;
  const reply put = put_clients_answer(target, text, now + 1000);
  EXPECT_EQ(count_of(put, "taken"), 100U);
  EXPECT_EQ(to.clients->look(number(7))->server, from.clients->look(number(7))->server);
  EXPECT_EQ(to.clients->recent(0, 200).front().client, number(99)) << "in their order of use";
  EXPECT_EQ(count_of(put_clients_answer(target, text, now + 1000), "known"), 100U);
}

TEST(ClientLines, LeaveLaterAssignmentsAlone) {
  const pool web = named_pool("web");
  web.clients->settle(number(1), 2, now);
  const pool* pools[] = {&web};
  put_clients_answer(pools, "web,10.2.0.1,web0,1000,2000", now);
  EXPECT_EQ(web.clients->look(number(1))->server, 2U);
}

TEST(ClientLines, CountWhatNobodyKnowsHere) {
  const pool web = named_pool("web");
  const pool* pools[] = {&web};
  const reply put = put_clients_answer(pools, "web,::1,web9,1,2 mail,::1,web0,1,2 web,::2,web0,1,2", now);
  EXPECT_EQ(count_of(put, "unknown"), 2U);
  EXPECT_EQ(count_of(put, "taken"), 1U);
}

TEST(ClientLines, ArePutAllOrNone) {
  const pool web = named_pool("web");
  const pool* pools[] = {&web};
  const reply put = put_clients_answer(pools, "web,::2,web0,1,2 web,::1,web0", now);
  EXPECT_EQ(put.is, verdict::refused);
  EXPECT_EQ(put.message, "expected service,client,server,assigned,used, not web,::1,web0");
  EXPECT_EQ(web.clients->size(), 0U);
}

TEST(ClientLines, MeanTheClientsIdentity) {
  service_settings policy;
  policy.name = "web";
  policy.client_prefix4 = 24;
  const pool web = made_pool(1, policy);
  const pool* pools[] = {&web};
  put_clients_answer(pools, "web,10.2.0.77,web0,1,2", now);
  EXPECT_TRUE(web.clients->look(*address::parse("10.2.0.0")));
}

}  // namespace

}  // namespace holdfast
