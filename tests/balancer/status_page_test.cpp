#include "balancer/show/status_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

using testing::HasSubstr;
using testing::Not;

const process_facts process{.pid = 7, .uptime = 90s, .node = {}, .workers = 2};

TEST(StatusPage, EscapesWhatComesFromOutside) {
  pool p = made_pool(1);
  p.policy.name = "<script>\"&";
  const pool other = made_pool(0);
  const pool* pools[] = {&p, &other};
  const std::string page = status_page(pools, {}, process, at(0s), wall_at(0s));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;&quot;&amp;"));
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
}

TEST(StatusPage, IsOneDocumentWithAllServices) {
  pool web = made_pool(1, service_called("web")), mail = made_pool(1, service_called("mail"));
  const pool* pools[] = {&web, &mail};
  const std::string page = status_page(pools, {}, process, at(0s), wall_at(0s));
  EXPECT_THAT(page, HasSubstr("web"));
  EXPECT_THAT(page, HasSubstr("mail"));
  EXPECT_THAT(page, HasSubstr("</html>"));
}

// What Zen Load Balancer reads of Pen's page: a cell a line, the rows behind the first `<tr>`, by the place of a cell.
struct pen_page {
  std::vector<std::string> lines;

  explicit pen_page(const std::string& text) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
  }
  // Of the table behind the line with `heading`; the row of column names is the first.
  std::vector<std::vector<std::string>> table(const std::string& heading) const {
    std::vector<std::vector<std::string>> rows;
    auto at = std::find_if(lines.begin(), lines.end(), [&](const auto& l) { return l.find(heading) != l.npos; });
    for (; at != lines.end() && at->find("</table>") == at->npos; ++at) {
      if (*at == "<tr>") rows.emplace_back();
      if (at->starts_with("<td>") || at->starts_with("<th>")) rows.back().push_back(at->substr(4, at->size() - 9));
    }
    return rows;
  }
};

std::vector<std::string> first(const std::vector<std::string>& row, std::size_t count) {
  return {row.begin(), row.begin() + static_cast<std::ptrdiff_t>(count)};
}

using cells = std::vector<std::string>;

TEST(StatusPage, HasPensColumnsFirst) {
  pool p = made_pool(2, service_called("default"));
  p.servers[0].name = "0";
  p.servers[1].name = "2";
  p.servers[1].live->blacklisted_until = at(30s).time_since_epoch().count();
  p.servers[1].max = 7;
  p.servers[1].weight = 3;
  p.clients->settle(made_client(1).from, 2, wall_at(0s));
  process_facts here = process;
  here.time = "2026-01-01 00:00:00";
  const connection_row one{.id = 7,
                           .service = p.service,
                           .client = {.host = made_client(1).from, .port = 9, .path = {}},
                           .server = "2",
                           .client_socket = 11,
                           .server_socket = 12,
                           .held_for_client = 5};
  const pool* pools[] = {&p};
  const pen_page page(status_page(pools, std::span(&one, 1), here, at(0s), wall_at(9s)));
  EXPECT_THAT(page.lines, testing::Contains("Time 2026-01-01 00:00:00, 3 servers, 0 current<p>"));
  const auto servers = page.table("Time");
  ASSERT_EQ(servers.size(), 4U);
  EXPECT_EQ(first(servers[0], 11), (cells{"server", "address", "status", "port", "connections", "max soft", "max hard",
                                          "sent", "received", "weight", "prio"}));
  EXPECT_EQ(first(servers[1], 11), (cells{"0", "10.0.1.1", "0", "80", "0", "0", "0", "0", "0", "0", "0"}));
  EXPECT_EQ(first(servers[2], 4), (cells{"1", "(unknown address family 0", "0", "0"})) << "a gap";
  EXPECT_EQ(first(servers[3], 2), (cells{"2", "10.0.1.2"}));
  EXPECT_NE(servers[3][2], "0") << "blacklisted";
  EXPECT_EQ(servers[3][5], "7");
  EXPECT_EQ(servers[3][9], "3");
  for (const auto& row : servers) EXPECT_EQ(row.size(), servers[0].size());
  const auto clients = page.table("Active clients");
  EXPECT_EQ(clients[0], (cells{"client", "address", "age(secs)", "last server", "connects", "sent", "received"}));
  EXPECT_EQ(clients.at(1), (cells{"0", "10.2.0.1", "9", "2", "1", "0", "0"}));
  const auto connections = page.table("Active connections");
  EXPECT_EQ(first(connections[0], 7),
            (cells{"connection", "downfd", "upfd", "pending data down", "pending data up", "client", "server"}));
  EXPECT_EQ(first(connections.at(1), 7), (cells{"7", "11", "12", "5", "0", "0", "2"}));
}

}  // namespace
}  // namespace holdfast
