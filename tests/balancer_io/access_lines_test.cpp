#include <gtest/gtest.h>

#include "balancer/engine/access_lines_io.h"
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
  bool says(std::string_view piece) { return lines.request(of, client, of.servers[0], begun, piece); }

  std::string text;
  descriptor_budget files{64};
  worker_context context;
  access_lines lines{context};
  const pool of = made_pool(1);
  const address client = made_client(7).from;
  std::unique_ptr<request_line> begun;
};

TEST(AccessLines, PutALineTogether) {
  logging l;
  EXPECT_TRUE(l.says("GE"));
  EXPECT_TRUE(l.says("T /"));
  EXPECT_FALSE(l.says("one\r\nHost: a\r\n"));
  EXPECT_EQ(l.begun, nullptr);
  l.lines.flush();
  EXPECT_TRUE(l.text.ends_with(" GET /one\n")) << l.text;
}

TEST(AccessLines, LogWhatHasNoEndWhenNoMoreWillCome) {
  logging l;
  EXPECT_TRUE(l.says("half"));
  l.lines.request_ends(l.of, l.client, l.of.servers[0], l.begun);
  l.lines.request_ends(l.of, l.client, l.of.servers[0], l.begun);
  l.lines.flush();
  EXPECT_TRUE(l.text.ends_with(" half\n")) << l.text;
  EXPECT_EQ(std::count(l.text.begin(), l.text.end(), '\n'), 1);
}

TEST(AccessLines, LeaveInBundlesOrAfterAWhile) {
  logging l;
  EXPECT_EQ(l.lines.due(), std::nullopt);
  l.says("GET /\n");
  EXPECT_EQ(l.lines.due(), l.context.now + access_lines::patience);
  EXPECT_EQ(l.text, "");
  for (int i = 0; i < 1000; ++i) l.says("GET /" + std::string(20, 'x') + "\n");
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
  EXPECT_EQ(l.begun, nullptr);
  EXPECT_EQ(l.lines.due(), std::nullopt);
}

}  // namespace
}  // namespace holdfast
