#include <gmock/gmock.h>

#include "tests/penlog_io/programs.h"

namespace holdfast {
namespace {

using testing::HasSubstr;

constexpr const char* log_of_balancer =
    "192.0.2.1 1795475836 10.0.1.1 GET /one HTTP/1.1\n"
    "192.0.2.2 1795475837 fd00::2 GET /two HTTP/1.1\n"
    "192.0.2.3 1795475838 10.0.1.1 GET /three HTTP/1.1\n";

std::string web(const std::string& host, const std::string& time, const std::string& path) {
  return host + " - - [" + time + "] \"GET " + path + " HTTP/1.1\" 200 5 \"-\" \"ua\"\n";
}

TEST(Mergelogs, PutsTheLogsTogetherByTimeWithTheirClients) {
  const folder files;
  const std::string balancer = files.write("pen.log", log_of_balancer);
  const std::string a = files.write("a", web("10.0.0.1", "23/Nov/2026:23:17:16 +0000", "/one") +
                                             web("10.0.0.1", "23/Nov/2026:23:17:18 +0000", "/three") +
                                             web("10.0.0.1", "23/Nov/2026:23:17:19 +0000", "/none"));
  const std::string b = files.write("b", web("fd00::9", "24/Nov/2026:01:17:17 +0200", "/two"));
  const auto merged = run(mergelogs + " -p " + balancer + " 10.0.1.1:" + a + " [fd00::2]:" + b);
  EXPECT_EQ(merged.status, 0);
  EXPECT_EQ(merged.out, web("192.0.2.1", "23/Nov/2026:23:17:16 +0000", "/one") +
                            web("192.0.2.2", "24/Nov/2026:01:17:17 +0200", "/two") +
                            web("192.0.2.3", "23/Nov/2026:23:17:18 +0000", "/three") +
                            web("10.0.0.1", "23/Nov/2026:23:17:19 +0000", "/none"));
  EXPECT_EQ(
      run("TZ=Europe/Helsinki " + mergelogs + " -c -t 7200 -j 600 -p " + balancer + " 10.0.1.1:" + a + " fd00::2:" + b)
          .out,
      merged.out);
}

TEST(Mergelogs, TakesTheZoneFromTheCommandLineWhereALineHasNone) {
  const folder files;
  const std::string balancer = files.write("pen.log", log_of_balancer);
  const std::string a = files.write("a", web("10.0.0.1", "24/Nov/2026:01:17:16", "/one"));
  EXPECT_EQ(run(mergelogs + " -j 2 -t 7200 -p " + balancer + " 10.0.1.1:" + a).out,
            web("192.0.2.1", "24/Nov/2026:01:17:16", "/one"));
  EXPECT_EQ(run(mergelogs + " -j 2 -p " + balancer + " 10.0.1.1:" + a).out,
            web("10.0.0.1", "24/Nov/2026:01:17:16", "/one"));
}

TEST(Mergelogs, KeepsWhatItCannotReadAndSaysWhatIsTooLong) {
  const folder files;
  const std::string balancer = files.write("pen.log", std::string("nonsense\n") + log_of_balancer);
  const std::string line = web("10.0.0.1", "23/Nov/2026:23:17:16 +0000", "/one");
  const std::string a = files.write("a", "first\n" + line + std::string(70'000, 'x') + "\nlast");
  const auto merged = run(mergelogs + " -p " + balancer + " 10.0.1.1:" + a + " 2>" + files.file("errors"));
  EXPECT_EQ(merged.out, "first\n" + web("192.0.2.1", "23/Nov/2026:23:17:16 +0000", "/one") + "last\n");
  EXPECT_EQ(files.text_of("errors"), "mergelogs: " + a + ":3: expected 65506 bytes at most; it is left out\n");
}

TEST(Mergelogs, EndsAsPensDoes) {
  const folder files;
  const std::string balancer = files.write("pen.log", log_of_balancer), a = files.write("a", "");
  for (const std::string& wrong :
       {std::string(), std::string("-x"), "-p " + balancer, "-p " + balancer + " -j x a:b"}) {
    const auto said = run(mergelogs + " " + wrong);
    EXPECT_EQ(said.status, 0) << wrong;
    EXPECT_THAT(said.out, HasSubstr("usage: mergelogs ")) << wrong;
  }
  for (const std::string& wrong : {"-p /nonexistent 10.0.1.1:" + a, "-p " + balancer + " 10.0.1.1:/nonexistent"}) {
    const auto said = run(mergelogs + " " + wrong);
    EXPECT_EQ(said.status, 1) << wrong;
    EXPECT_EQ(said.out, "mergelogs: can't open the log file /nonexistent\n");
  }
  const auto unnamed = run(mergelogs + " 10.0.1.1:" + a);
  EXPECT_EQ(unnamed.status, 1);
  EXPECT_EQ(unnamed.out, "mergelogs: expected -p FILE (see --help)\n");
  EXPECT_EQ(run(mergelogs + " -p " + balancer + " 10.0.1.1:" + a).status, 0);
  const auto nobodys = run(mergelogs + " -p " + balancer + " " + a);
  EXPECT_EQ(nobodys.status, 1);
  EXPECT_EQ(nobodys.out, "mergelogs: " + a + ": expected SERVER:FILE\n");
}

}  // namespace
}  // namespace holdfast
