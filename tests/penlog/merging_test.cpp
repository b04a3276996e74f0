#include "penlog/merging.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

std::string web(const std::string& host, const std::string& path) { return host + " \"GET " + path + "\" 200"; }

struct logs {
  explicit logs(const merging::limits& most = {}) : lines(most) {}

  void told(int second, const std::string& client, const std::string& path, const std::string& from = {}) {
    const std::string text =
        client + ' ' + std::to_string(second) + " 10.0.1.1 GET " + path + (from.empty() ? "" : '\t' + from);
    lines.told(*read_filed_balancer_line(text));
  }
  void logged(int second, const std::string& path, const std::string& host = "h") {
    const std::string text = web(host, path);
    lines.logged(*read_web_line(text), "10.0.1.1", sys_seconds(seconds(second)));
  }
  std::string until(int second) {
    std::string out;
    lines.take(out, sys_seconds(seconds(second)));
    return out;
  }
  std::string rest() {
    std::string out;
    lines.take_all(out);
    return out;
  }
  merging lines;
};

TEST(Merging, NamesClientsInTheOrderOfTheirRequests) {
  logs l;
  l.told(1000, "a", "/");
  l.told(1000, "b", "/");
  l.told(1001, "c", "/");
  for (int i = 0; i < 3; ++i) l.logged(1001, "/");
  EXPECT_EQ(l.until(1001), web("a", "/") + "\n" + web("b", "/") + "\n" + web("c", "/") + "\n");
}

TEST(Merging, ToleratesClocksThatDiffer) {
  for (const int second : {401, 700, 1599}) {
    logs l;
    l.told(1000, "a", "/");
    l.logged(second, "/");
    EXPECT_EQ(l.rest(), web("a", "/") + "\n") << second;
  }
  for (const int second : {399, 1601}) {
    logs l;
    l.told(1000, "a", "/");
    l.logged(second, "/");
    EXPECT_EQ(l.rest(), web("h", "/") + "\n") << second;
  }
}

TEST(Merging, LetsNoStrangerTakeALineThatIsAnothers) {
  logs l;
  l.logged(1000, "/");  // not through the balancer
  l.told(1050, "a", "/");
  l.logged(1050, "/");
  EXPECT_EQ(l.until(1050), "");
  EXPECT_EQ(l.rest(), web("h", "/") + "\n" + web("a", "/") + "\n");
}

TEST(Merging, IsNotShiftedByLinesOfBeforeARotation) {
  logs l;
  l.told(1000, "x", "/");
  l.told(1001, "y", "/");
  l.told(1010, "a", "/");
  l.told(1020, "b", "/");
  l.logged(1010, "/");
  l.logged(1020, "/");
  EXPECT_EQ(l.rest(), web("a", "/") + "\n" + web("b", "/") + "\n");
}

TEST(Merging, TellsConnectionsApart) {
  logs l;
  l.told(1000, "a", "/", "10.0.0.1:1001");
  l.told(1000, "b", "/", "10.0.0.1:1002");
  l.logged(1003, "/", "10.0.0.1:1002");
  l.logged(1003, "/", "10.0.0.1:1001");
  EXPECT_EQ(l.rest(), web("b", "/") + "\n" + web("a", "/") + "\n");
}

TEST(Merging, KnowsAConnectionsClientWhereNoLineTellsOfTheRequest) {
  logs l;
  l.told(1000, "a", "/", "10.0.0.1:1001");
  l.logged(1000, "/", "10.0.0.1:1001");
  l.logged(1001, "/next", "10.0.0.1:1001");
  l.told(1050, "b", "/", "10.0.0.1:1001");
  EXPECT_EQ(l.rest(), web("a", "/") + "\n" + web("a", "/next") + "\n");
}

TEST(Merging, KeepsWhatItCannotReadBetweenItsNeighbours) {
  logs l;
  l.told(1000, "a", "/a");
  l.told(1000, "b", "/b");
  l.logged(1000, "/a");
  l.lines.logged_unreadably("not a line of a web server");
  l.logged(1000, "/b");
  EXPECT_EQ(l.rest(), web("a", "/a") + "\nnot a line of a web server\n" + web("b", "/b") + "\n");
  EXPECT_EQ(l.lines.named(), 2U);
  EXPECT_EQ(l.lines.unnamed(), 1U);
}

TEST(Merging, WaitsWithinItsMemory) {
  logs l({.jitter = seconds(600), .balancer_lines = 100, .waiting = 10'000});
  for (int i = 0; i < 1000; ++i) l.logged(1000, "/" + std::to_string(i));
  EXPECT_NE(l.until(1000), "");
  EXPECT_NE(l.rest(), "");
}

}  // namespace
}  // namespace holdfast
