#include "tests/bench/reply_reader.h"

#include <gtest/gtest.h>

namespace holdfast::bench {
namespace {

using outcome = reply_reader::outcome;

const std::string reply = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

TEST(ReplyReader, FindsTheEndHoweverTheReplyIsSplit) {
  for (std::size_t cut = 1; cut < reply.size(); ++cut) {
    reply_reader reader;
    EXPECT_EQ(reader.take(std::string_view(reply).substr(0, cut)), outcome::more) << cut;
    EXPECT_FALSE(reader.whole());
    EXPECT_EQ(reader.take(std::string_view(reply).substr(cut)), outcome::whole) << cut;
    EXPECT_TRUE(reader.whole());
  }
}

TEST(ReplyReader, ReadsTheNextReplyAfterARestart) {
  reply_reader reader;
  EXPECT_EQ(reader.take(reply), outcome::whole);
  reader.restart();
  EXPECT_FALSE(reader.whole());
  EXPECT_EQ(reader.take(reply), outcome::whole);
}

TEST(ReplyReader, RefusesWhatIsNoPlainReply) {
  const std::string long_head = "HTTP/1.1 200 OK\r\nX: " + std::string(600, 'x');
  for (const std::string& bad : {reply + "!", std::string("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"),
                                 std::string("HTTP/1.1 200 OK\r\n\r\n"), long_head,
                                 std::string("HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello")}) {
    reply_reader reader;
    EXPECT_EQ(reader.take(bad), outcome::wrong) << bad;
  }
}

}  // namespace
}  // namespace holdfast::bench
