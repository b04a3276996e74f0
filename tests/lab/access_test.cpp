// Who may come in, and where those go who may not.
#include "tests/lab/scene.h"
#include "tests/places.h"

namespace holdfast::lab {
namespace {

const std::string web = "service web\nlisten 192.0.2.80:80\n";

std::string server_line(testbed& bed, int n, const std::string& more = {}) {
  return "server " + std::to_string(n) + " address " + bed.server(n).address4() + " port 80 " + more + '\n';
}

bool turned_away(const std::string& answer) { return answer == "(closed)" || answer == "(reset)"; }

TEST(ClientAcl, ClosesTheConnectionsOfTheRefused) {
  testbed bed(1);
  watched_balancer lb(
      bed, "acl guests deny 10.9.0.7\nacl guests permit 10.9.0.0/24\n" + web + "client_acl guests\n" + bed.servers4());
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s0");
  EXPECT_TRUE(turned_away(bed.ask(at("10.9.0.7"))));
  EXPECT_TRUE(turned_away(bed.ask(at("10.9.1.1"))));  // in no rule: the opposite of the last one
}

TEST(ClientAcl, SendsTheRefusedToTheAbuseServer) {
  testbed bed(2);
  watched_balancer lb(bed, "acl guests permit 10.9.0.0/24\n" + web + "client_acl guests\nabuse " +
                               bed.server(1).address4() + ":80\n" + server_line(bed, 0));
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s0");
  EXPECT_EQ(bed.ask(at("10.9.1.1")), "s1");
}

TEST(ClientAcl, ChangedAtRunTimeAppliesToTheNextConnection) {
  testbed bed(1);
  watched_balancer lb(bed, web + bed.servers4());
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s0");
  lb.tell("acl guests deny 10.9.0.1");
  lb.tell("service web client_acl guests");
  EXPECT_TRUE(turned_away(bed.ask(at("10.9.0.1"))));
  EXPECT_EQ(bed.ask(at("10.9.0.2")), "s0");
  lb.tell("no acl guests");
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s0");
}

TEST(ServerAcl, KeepsEachServerForItsOwnClients) {
  testbed bed(2);
  watched_balancer lb(bed, "acl low permit 10.9.0.0/24\nacl high permit 10.9.1.0/24\n" + web +
                               server_line(bed, 0, "acl low") + server_line(bed, 1, "acl high"));
  for (int i = 1; i < 20; ++i) {
    EXPECT_EQ(bed.ask(at("10.9.0." + std::to_string(i))), "s0");
    EXPECT_EQ(bed.ask(at("10.9.1." + std::to_string(i))), "s1");
  }
  EXPECT_TRUE(turned_away(bed.ask(at("10.9.2.1"))));
}

const std::string geoip = own_sources() + "/tests/data/geoip/";

TEST(CountryAcl, ReadsTheCountryDatabase) {
  testbed bed(2);
  watched_balancer lb(bed, "geoip " + geoip + "GeoIP2-Country-Test.mmdb\nacl island permit country GB\n" + web +
                               "client_acl island\nabuse " + bed.server(1).address4() + ":80\n" + server_line(bed, 0));
  EXPECT_EQ(bed.ask(at("81.2.69.160")), "s0");
  EXPECT_EQ(bed.ask(at("216.160.83.56")), "s1");  // US
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s1");       // nowhere
}

TEST(CountryAcl, KeepsTheFormerDatabaseWhenTheNewOneIsDamaged) {
  testbed bed(2);
  const std::string rest = "acl island permit country GB\n" + web + "client_acl island\nabuse " +
                           bed.server(1).address4() + ":80\n" + server_line(bed, 0);
  watched_balancer lb(bed, "geoip " + geoip + "GeoIP2-Country-Test.mmdb\n" + rest);
  for (const char* bad : {"MaxMind-DB-test-broken-search-tree-24.mmdb", "GeoIP2-City-Test-Invalid-Node-Count.mmdb",
                          "no-such-file.mmdb"}) {
    lb.ctl({"geoip", geoip + bad});
    EXPECT_EQ(bed.ask(at("216.160.83.56")), "s1") << bad;
    EXPECT_TRUE(lb.program().running()) << bad;
  }
  lb.tell("geoip " + geoip + "GeoIP2-Country-Test.mmdb");
  EXPECT_EQ(bed.ask(at("81.2.69.160")), "s0");
}

}  // namespace
}  // namespace holdfast::lab
