#include "penlog/balancer_lines.h"

#include <gmock/gmock.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using testing::Optional;
using match = balancer_lines::match;

std::optional<log_source> source(const std::string& text) { return read_log_source(text); }

struct told {
  balancer_lines lines{4};
  instant now{};

  void add(const std::string& client, const std::string& request, const std::string& from = {},
           const std::string& server = "10.0.1.1") {
    lines.add({.client = client, .server = server, .request = request, .source = source(from)}, now);
  }
  std::optional<std::string> take(const std::string& request, const std::string& from = {}, match how = match::exact,
                                  const std::string& server = "10.0.1.1") {
    return lines.take({server, request, source(from)}, now, how);
  }
};

TEST(BalancerLines, AreUsedOnceAndInTheirOrder) {
  told t;
  t.add("a", "GET /");
  t.add("b", "GET /");
  EXPECT_THAT(t.take("GET /"), Optional(std::string("a")));
  EXPECT_THAT(t.take("GET /"), Optional(std::string("b")));
  EXPECT_EQ(t.take("GET /"), std::nullopt);
}

TEST(BalancerLines, AreAboutTheWholeRequestAndItsServer) {
  told t;
  t.add("a", "GET /one HTTP/1.1");
  EXPECT_EQ(t.take("GET /o"), std::nullopt);
  EXPECT_EQ(t.take("GET /one HTTP/1.1", "", match::exact, "10.0.1.2"), std::nullopt);
  EXPECT_THAT(t.take("GET /one HTTP/1.1"), Optional(std::string("a")));
}

TEST(BalancerLines, KnowAServerHoweverItsAddressIsWritten) {
  told t;
  t.add("a", "GET /", "", "FD00:0::1");
  EXPECT_THAT(t.take("GET /", "", match::exact, server_text("fd00::1")), Optional(std::string("a")));
}

TEST(BalancerLines, ThatAreCutStandForWhatBeginsSo) {
  told t;
  const std::string whole = "GET /" + std::string(200, 'x') + " HTTP/1.1";
  t.add("a", whole.substr(0, 100));
  EXPECT_THAT(t.take(whole), Optional(std::string("a")));
  t.add("b", "GET /" + std::string(100, 'x') + " HTTP/1.1");
  EXPECT_EQ(t.take("GET /" + std::string(100, 'x') + " HTTP/1.1x"), std::nullopt) << "it is whole";
}

TEST(BalancerLines, AreToldApartByTheConnection) {
  told t;
  t.add("a", "GET /", "10.0.0.1:1001");
  t.add("b", "GET /", "10.0.0.1:1002");
  EXPECT_THAT(t.take("GET /", "10.0.0.1:1002"), Optional(std::string("b")));
  EXPECT_EQ(t.take("GET /", "10.0.0.1:1003", match::any), std::nullopt);
  EXPECT_THAT(t.take("GET /", "10.0.0.1:1001"), Optional(std::string("a")));
}

TEST(BalancerLines, AreToldApartByTheBalancersAddressUnlessItIsTranslated) {
  told t;
  t.add("a", "GET /", "10.0.0.1:1001");
  EXPECT_EQ(t.take("GET /", "10.0.0.2"), std::nullopt);
  EXPECT_THAT(t.take("GET /", "10.0.0.2", match::any), Optional(std::string("a")));
}

TEST(BalancerLines, AboutWhichTheWebServerSaysNothingDoNotStayForTheNext) {
  told t;
  t.add("a", "GET /", "10.0.0.1:1001");
  t.add("a", "GET /next", "10.0.0.1:1001");  // so the first has been answered
  t.now += 1s;
  t.add("b", "GET /", "10.0.0.1:1002");
  t.now += 1500ms;
  EXPECT_THAT(t.take("GET /"), Optional(std::string("b")));
  EXPECT_EQ(t.take("GET /"), std::nullopt);
}

TEST(BalancerLines, OfAConnectionWhosePortAnotherHasNowAreGone) {
  told t;
  t.add("a", "GET /", "10.0.0.1:1001");
  t.add("b", "GET /", "10.0.0.1:1001");
  EXPECT_THAT(t.take("GET /", "10.0.0.1:1001"), Optional(std::string("b")));
  EXPECT_EQ(t.lines.size(), 0U);
}

TEST(BalancerLines, RememberWhoseAConnectionIs) {
  told t;
  const auto client = [&](const std::string& from) { return t.lines.client_of({"10.0.1.1", "POST", source(from)}); };
  t.add("a", "GET /", "10.0.0.1:1001");
  t.take("GET /", "10.0.0.1:1001");
  EXPECT_THAT(client("10.0.0.1:1001"), Optional(std::string("a")));
  EXPECT_EQ(client("10.0.0.1"), std::nullopt);
  EXPECT_EQ(client("10.0.0.1:1002"), std::nullopt);
  for (int i = 2; i <= 5; ++i) t.add("b", "GET /", "10.0.0.1:100" + std::to_string(i));
  EXPECT_EQ(client("10.0.0.1:1001"), std::nullopt) << "four are remembered";
  EXPECT_THAT(client("10.0.0.1:1002"), Optional(std::string("b")));
}

TEST(BalancerLines, MakeWayForNewerOnes) {
  told t;
  for (const char* client : {"a", "b", "c", "d", "e"}) t.add(client, "GET /");
  EXPECT_EQ(t.lines.size(), 4U);
  EXPECT_THAT(t.take("GET /"), Optional(std::string("b")));
}

TEST(BalancerLines, AreChosenWithinATime) {
  told t;
  for (const char* client : {"a", "b", "c", "d"}) {
    t.add(client, "GET /");
    t.now += 10s;
  }
  const auto take = [&](const balancer_lines::range& when) {
    return t.lines.take({"10.0.1.1", "GET /", {}}, {}, match::exact, when);
  };
  EXPECT_THAT(take({.from = instant(10s), .to = instant(20s), .newest = true}), Optional(std::string("c")));
  EXPECT_THAT(take({.from = instant(10s), .to = instant(20s)}), Optional(std::string("b")));
  EXPECT_EQ(take({.from = instant(10s), .to = instant(20s)}), std::nullopt);
  t.lines.forget_before(instant(30s));
  EXPECT_EQ(t.lines.size(), 1U);
}

}  // namespace
}  // namespace holdfast
