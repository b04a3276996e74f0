#include <gtest/gtest.h>

#include "balancer/engine/access_lines_io.h"
#include "balancer/sockets/socket_io.h"
#include "base/descriptor_io.h"
#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

// A worker's log, and what it hands over.
struct logging {
  explicit logging(bool takes = true)
      : context(
            0, monotonic_now(), 0,
            [this, takes](worker_report& told) {
              if (takes) text += std::get<log_lines>(told).text;
              return takes;
            },
            files) {
    lines.set({.on = true, .format = log_format::pen});
  }

  // More is wanted.
  bool says(std::string_view piece) { return lines.request(client, of.servers[0], to_server, said, piece); }

  std::string text;
  descriptor_budget files{64};
  worker_context context;
  access_lines lines{context};
  const pool of = made_pool(1);
  const address client = made_client(7).from;
  requests_said said;
  int to_server = -1;
};

TEST(AccessLines, PutALineTogether) {
  logging l;
  EXPECT_TRUE(l.says("GE"));
  EXPECT_TRUE(l.says("T /"));
  EXPECT_FALSE(l.says("one\r\nHost: a\r\n"));
  EXPECT_EQ(l.said.begun, nullptr);
  l.lines.flush();
  EXPECT_TRUE(l.text.ends_with(" GET /one\n")) << l.text;
}

TEST(AccessLines, LogWhatHasNoEndWhenNoMoreWillCome) {
  logging l;
  EXPECT_TRUE(l.says("half"));
  l.lines.request_ends(l.client, l.of.servers[0], l.to_server, l.said);
  l.lines.request_ends(l.client, l.of.servers[0], l.to_server, l.said);
  l.lines.flush();
  EXPECT_TRUE(l.text.ends_with(" half\n")) << l.text;
  EXPECT_EQ(std::count(l.text.begin(), l.text.end(), '\n'), 1);
}

TEST(AccessLines, AreOneForEachRequest) {
  logging l;
  for (const char* line : {"GET /one\n", "GET /two\n"}) EXPECT_FALSE(l.says(line));
  l.lines.flush();
  EXPECT_EQ(std::count(l.text.begin(), l.text.end(), '\n'), 2);
  EXPECT_EQ(l.said.count, 2U);
}

TEST(AccessLines, NameWhatIsNoTextOnce) {
  logging l;
  EXPECT_FALSE(l.says("\x16\x03\x01"));
  EXPECT_FALSE(l.says("\x17\x03\x03"));
  l.lines.flush();
  EXPECT_TRUE(l.text.ends_with(" TLS-hello\n"));
  EXPECT_EQ(std::count(l.text.begin(), l.text.end(), '\n'), 1);
}

TEST(AccessLines, WaitForTheEndInJson) {
  logging l;
  l.lines.set({.on = true, .format = log_format::json});
  l.says("GET /one\n");
  l.says("GET /two\n");
  EXPECT_EQ(l.lines.due(), std::nullopt);
  closed_event end{};
  end.client = l.client;
  end.requests = l.said.count;
  end.line = l.said.first;
  l.lines.closed(l.of, end);
  l.lines.flush();
  EXPECT_NE(l.text.find(R"("requests":2,"line":"GET /one")"), std::string::npos) << l.text;
}

TEST(AccessLines, LeaveInBundlesOrAfterAWhile) {
  logging l;
  EXPECT_EQ(l.lines.due(), std::nullopt);
  l.says("GET /\n");
  EXPECT_EQ(l.lines.due(), l.context.now + access_lines::patience);
  EXPECT_EQ(l.text, "");
  for (int i = 0; i < 2000; ++i) l.says("GET /" + std::string(20, 'x') + "\n");
  EXPECT_GE(l.text.size(), access_lines::bundle);
}

TEST(AccessLines, CountWhatNobodyTakes) {
  logging l(false);
  l.says("GET /\n");
  l.says("GET /\n");
  l.lines.flush();
  EXPECT_EQ(l.context.live.lost_log_lines, 2U);
}

TEST(AccessLines, AreNoneWhenTheLogIsOff) {
  logging l;
  l.lines.set({});
  EXPECT_FALSE(l.says("GET"));
  EXPECT_EQ(l.said.begun, nullptr);
  EXPECT_EQ(l.lines.due(), std::nullopt);
}

TEST(AccessLines, TellFromWhereTheServerWasReachedIfThatIsWanted) {
  logging l;
  const descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  socket_address own(endpoint{address::v4(0x7f000001), 0, {}});
  ASSERT_EQ(::bind(socket.get(), own.get(), own.length), 0);
  l.to_server = socket.get();
  l.says("GET /one\n");
  l.lines.set({.on = true, .format = log_format::paired});
  l.says("GET /two\n");
  l.lines.flush();
  EXPECT_NE(l.text.find(" GET /one\n"), std::string::npos) << l.text;
  EXPECT_TRUE(l.text.ends_with(" GET /two\t" + own_end(socket.get()).text() + "\n")) << l.text;
  EXPECT_NE(own_end(socket.get()).port, 0);
}

}  // namespace
}  // namespace holdfast
