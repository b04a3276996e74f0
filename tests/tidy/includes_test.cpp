// Who may know whom, shown by single includes.
#include <gtest/gtest.h>

#include "tests/tidy/rules.h"

namespace holdfast::tidy {

namespace {

// What check_dependencies says of `path` including `what`: "rule N: ..." or "".
std::string verdict(const std::string& path, const std::string& what) {
  const findings found = check_dependencies({path, "#include " + what + "\n"});
  return found.empty() ? "" : found.front().what;
}

std::string rule(const std::string& path, const std::string& what) { return verdict(path, what).substr(0, 6); }

TEST(Dependencies, BaseKnowsNobody) {
  EXPECT_EQ(rule("base/x.h", "\"cli/settings/settings.h\""), "rule 1");
  EXPECT_EQ(rule("base/x.h", "<fmt/format.h>"), "rule 1");
  EXPECT_EQ(rule("base/x.h", "\"base/result.h\""), "");
  EXPECT_EQ(rule("base/x.h", "<boost/system/result.hpp>"), "");
  EXPECT_EQ(rule("base/x_io.h", "\"cli/settings/settings.h\""), "rule 1");
}

TEST(Dependencies, CliAndSyncKnowBaseAndNotEachOther) {
  EXPECT_EQ(rule("cli/x.h", "\"sync/entry.h\""), "rule 2");
  EXPECT_EQ(rule("sync/x.h", "\"cli/settings/settings.h\""), "rule 2");
  EXPECT_EQ(rule("sync/x_io.cpp", "\"balancer/choice/pool.h\""), "rule 2");
  EXPECT_EQ(rule("cli/x.h", "\"base/address.h\""), "");
  EXPECT_EQ(rule("sync/x.h", "\"base/address.h\""), "");
}

TEST(Dependencies, PeersKnowBaseAndNoProtocol) {
  EXPECT_EQ(rule("peers/x.h", "\"sync/session.h\""), "rule 2");
  EXPECT_EQ(rule("peers/x.h", "\"cli/settings/settings.h\""), "rule 2");
  EXPECT_EQ(rule("peers/x_io.h", "\"base/address.h\""), "");
  EXPECT_EQ(rule("sync/x.h", "\"peers/link.h\""), "");
  EXPECT_EQ(rule("vrrp/x.h", "\"peers/link.h\""), "");
  EXPECT_EQ(rule("penlog/x.h", "\"balancer/choice/pool.h\""), "rule 3");
  EXPECT_EQ(rule("penlog/x.h", "\"protocols/http/http_head.h\""), "");
  EXPECT_EQ(rule("cli/x.h", "\"peers/link.h\""), "rule 2");
}

TEST(Dependencies, BalancerAndVrrpNeverKnowEachOther) {
  EXPECT_EQ(rule("balancer/x.h", "\"vrrp/election/router.h\""), "rule 3");
  EXPECT_EQ(rule("vrrp/x_io.cpp", "\"balancer/choice/pool.h\""), "rule 3");
  EXPECT_EQ(rule("vrrp/x.cpp", "\"sync/session.h\""), "rule 3");
  EXPECT_EQ(rule("balancer/x.h", "\"sync/session.h\""), "");
  EXPECT_EQ(rule("vrrp/x.h", "\"cli/settings/settings.h\""), "");
}

TEST(Dependencies, OnlyIoFilesReachTheMachine) {
  for (const char* what : {"<boost/asio.hpp>", "<boost/asio/ip/tcp.hpp>", "<boost/beast/http.hpp>", "<openssl/ssl.h>",
                           "<netlink/netlink.h>", "<maxminddb.h>", "<spdlog/spdlog.h>", "<sys/socket.h>",
                           "<netinet/in.h>", "<linux/if.h>", "<unistd.h>", "<fstream>", "<filesystem>", "<thread>"}) {
    EXPECT_EQ(rule("balancer/choice/pick.cpp", what), "rule 4") << what;
    EXPECT_EQ(rule("balancer/relay/relay_io.cpp", what), "") << what;
    EXPECT_EQ(rule("balancer/main.cpp", what), "") << what;
    EXPECT_EQ(rule("tests/lab/lab.cpp", what), "") << what;
  }
}

TEST(Dependencies, PureFilesNeverIncludeIoFiles) {
  EXPECT_EQ(rule("balancer/choice/pick.cpp", "\"base/clock_io.h\""), "rule 4");
  EXPECT_EQ(rule("balancer/relay/relay_io.cpp", "\"base/clock_io.h\""), "");
}

TEST(Dependencies, OddSpacingDoesNotHide) {
  EXPECT_EQ(rule("vrrp/x.cpp", "  \"balancer/choice/pool.h\""), "rule 3");
  EXPECT_EQ(check_dependencies({"vrrp/x.cpp", "  #  include \"balancer/choice/pool.h\"\n"}).size(), 1U);
  EXPECT_EQ(check_dependencies({"vrrp/x.cpp", "int a;\n#include \"balancer/choice/pool.h\"\n"}).front().line, 2U);
}

}  // namespace

}  // namespace holdfast::tidy
