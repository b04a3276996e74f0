#include "tests/balancer_io/rig.h"

namespace holdfast {

namespace {

class Dummy : public testing::Test {
 protected:
  Dummy() { r.start(); }

  std::string body(const peer& client) const {
    return "server " + r.where().text() + " client " + client.name().text() + "\n";
  }
  // The whole answer to one request of a connection that goes on.
  std::string answer(peer& client) const {
    return client.hear(head(client, "keep-alive").size() + body(client).size());
  }
  std::string head(const peer& client, const std::string& connection) const {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(body(client).size()) +
           "\r\nConnection: " + connection + "\r\n\r\n";
  }

  rig r{{}, [](auto& p) { p.dummy = true; }};
};

TEST_F(Dummy, SaysWhoItIsAndWhoAsks) {
  peer client = r.client();
  client.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.hear_all(), head(client, "close") + body(client));
}

TEST_F(Dummy, KeepsTheConnectionForTheNextRequest) {
  peer client = r.client();
  for (int i = 0; i < 3; ++i) {
    client.say("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(answer(client), head(client, "keep-alive") + body(client));
  }
  client.say("GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloGET /c HT");
  client.say("TP/1.1\r\n\r\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(answer(client), head(client, "keep-alive") + body(client));
  client.close();
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
}

TEST_F(Dummy, EndsTheConnectionOfAnOldClient) {
  peer client = r.client();
  client.say("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(client.hear_all(), head(client, "close") + body(client));
}

TEST_F(Dummy, AnswersHeadWithoutABody) {
  peer client = r.client();
  client.say("HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.hear_all(), head(client, "close"));
}

TEST_F(Dummy, RefusesNonsenseAndTooLongHeads) {
  peer nonsense = r.client();
  nonsense.say("hello there\r\n\r\n");
  EXPECT_TRUE(nonsense.hear_all().starts_with("HTTP/1.1 400 "));
  peer lengthy = r.client();
  lengthy.say("GET / HTTP/1.1\r\nX: " + std::string(8 << 10, 'x'));
  EXPECT_TRUE(lengthy.hear_all().starts_with("HTTP/1.1 431 "));
}

TEST_F(Dummy, CountsItsConnections) {
  {
    peer one = r.client(), two = r.client();
    EXPECT_TRUE(eventually([&] { return r.live().connections == 2; }));
  }
  EXPECT_TRUE(eventually([&] { return r.at_rest(); }));
  EXPECT_EQ(r.live().accepted, 2);
}

}  // namespace

}  // namespace holdfast
