// What a worker writes into the access log.
#include <algorithm>

#include "tests/balancer_io/rig.h"

namespace holdfast {

namespace {

TEST(Worker, WritesTheAccessLog) {
  backend a(says("a"));
  rig r({a.where()});
  r.work().post(access_logging{.on = true, .format = log_format::pen});
  r.start();
  for (const char* request : {"GET / HTTP/1.1\r\nHost: x\r\n", "second\n"}) {
    peer client = r.client();
    client.say(request);
    EXPECT_EQ(client.hear_all(), "a");
  }
  EXPECT_TRUE(eventually([&] { return r.log().ends_with(" 127.0.0.1 second\n"); }));
  EXPECT_TRUE(r.log().starts_with("127.0.0.1 "));
  EXPECT_NE(r.log().find(" 127.0.0.1 GET / HTTP/1.1\n"), std::string::npos);
  r.work().post(access_logging{.on = true, .format = log_format::json});
  peer client = r.client();
  client.say("third\n");
  EXPECT_EQ(client.hear_all(), "a");
  client.close();
  EXPECT_TRUE(eventually([&] { return r.log().find(R"("event":"closed")") != std::string::npos; }));
  EXPECT_NE(r.log().find(R"("line":"third")"), std::string::npos);
  EXPECT_NE(r.log().find(R"("why":"finished")"), std::string::npos);
}

TEST(Worker, LogsALineThatComesInPieces) {
  backend a(echo);
  rig r({a.where()});
  r.work().post(access_logging{.on = true, .format = log_format::pen});
  r.start();
  {
    peer silent = r.client();
    silent.say("never answered");
    EXPECT_EQ(silent.hear(14), "never answered");  // and so answered, though without an end of the line
  }
  EXPECT_TRUE(eventually([&] { return r.log().ends_with(" never answered\n"); }));
  backend quiet([](peer& p) { p.hear_all(); });
  rig q({quiet.where()});
  q.work().post(access_logging{.on = true, .format = log_format::pen});
  q.start();
  peer client = q.client();
  client.say("GE");
  const auto one_has_sent = [&](std::uint64_t bytes) {
    return eventually([&] {
      const auto rows = q.connections();
      return std::any_of(rows.begin(), rows.end(), [&](const auto& c) { return c.sent == bytes; });
    });
  };
  EXPECT_TRUE(one_has_sent(2));
  client.say("T /one\r\nGET /two\r\n");
  EXPECT_TRUE(eventually([&] { return q.log().ends_with(" GET /one\n"); }));
  peer leaves = q.client();
  leaves.say("half");
  EXPECT_TRUE(one_has_sent(4));
  EXPECT_EQ(q.log().find("half"), std::string::npos);
  leaves.close();
  EXPECT_TRUE(eventually([&] { return q.log().ends_with(" half\n"); }));
}

TEST(Worker, LogsEachRequestOfAConnection) {
  backend a(echo);
  rig r({a.where()});
  r.work().post(access_logging{.on = true, .format = log_format::pen});
  r.start();
  peer client = r.client();
  const auto ask = [&](const std::string& what) {
    client.say(what);
    EXPECT_EQ(client.hear(what.size()), what);
  };
  ask("GET /one\r\n\r\n");
  ask("GET /two\r\n\r\nGET /behind\r\n\r\n");
  ask("GET /three");
  ask("\r\n");
  std::string lines;
  EXPECT_TRUE(eventually([&] {
    lines = r.log();
    return std::count(lines.begin(), lines.end(), '\n') == 4;
  })) << lines;
  std::string said;
  for (std::size_t at = 0, end = 0; (end = lines.find('\n', at)) != lines.npos; at = end + 1) {
    const std::string line = lines.substr(at, end - at);
    said += line.substr(line.find("127.0.0.1", 1) + 9) + ";";
  }
  EXPECT_EQ(said, " GET /one; GET /two; GET /three; ;");
}

}  // namespace

}  // namespace holdfast
