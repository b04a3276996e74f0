// The control socket of a running balancer: who may write, and the limits of asking.
#include <algorithm>

#include "base/clock_io.h"
#include "tests/lab/bulk.h"
#include "tests/lab/scene.h"

namespace holdfast::lab {
namespace {

constexpr unsigned nobody = 65534;

std::string web(const testbed& bed) { return "service web\nlisten 192.0.2.80:80\n" + bed.servers4(); }

conversation caller(testbed& bed, const balancer& lb, duration patience = 15s) {
  return {bed.front(), address(), endpoint{.host = {}, .port = 0, .path = lb.control_path()}, patience};
}

TEST(ControlSocket, IsClosedToOtherUsers) {
  testbed bed(1);
  watched_balancer lb(bed, web(bed));
  const auto mode = std::filesystem::status(lb.control_path()).permissions();
  EXPECT_EQ(mode, std::filesystem::perms(0660));
  EXPECT_NE(lb.ctl({"pid"}, nobody).status, 0);
}

TEST(ControlSocket, LetsOtherUsersReadButNotWriteWhenItsModeIsOpened) {
  testbed bed(1);
  watched_balancer lb(bed, web(bed));
  std::filesystem::permissions(lb.control_path(), std::filesystem::perms(0666));
  EXPECT_EQ(lb.ctl({"servers"}, nobody).status, 0);
  const std::string before = lb.tell("show config");
  for (const auto& words : std::vector<std::vector<std::string>>{{"service", "web", "server", "0", "drain"},
                                                                 {"service", "web", "blacklist", "9"},
                                                                 {"no", "service", "web"},
                                                                 {"reload"},
                                                                 {"write", "/tmp/holdfast-lab-must-not-appear"}}) {
    EXPECT_EQ(lb.ctl(words, nobody).status, 1) << words[0];
  }
  EXPECT_EQ(lb.tell("show config"), before);
  EXPECT_FALSE(std::filesystem::exists("/tmp/holdfast-lab-must-not-appear"));
}

TEST(ControlSocket, TakesALineInPieces) {
  testbed bed(1);
  watched_balancer lb(bed, web(bed));
  conversation c = caller(bed, lb);
  for (const char* piece : {"p", "i", "d", "\n"}) EXPECT_TRUE(c.send(piece));
  EXPECT_EQ(c.receive_all(), std::to_string(lb.program().pid()) + '\n');
}

TEST(ControlSocket, RefusesALineOfMoreThanFourKibibytes) {
  testbed bed(1);
  watched_balancer lb(bed, web(bed));
  conversation c = caller(bed, lb);
  c.send(std::string(5000, 'x') + '\n');
  EXPECT_THAT(c.receive_all(), ::testing::StartsWith("error"));
  EXPECT_EQ(lb.ctl({"pid"}).status, 0);
}

TEST(ControlSocket, ServesSixtyFourAtOnceAndEndsTheSilentAfterFiveSeconds) {
  testbed bed(1);
  watched_balancer lb(bed, web(bed));
  std::vector<conversation> silent;
  for (int i = 0; i < 64; ++i) silent.push_back(caller(bed, lb));
  conversation late = caller(bed, lb);
  EXPECT_THAT(late.receive_all(), ::testing::StartsWith("error"));
  const instant since = monotonic_now();
  for (conversation& c : silent) EXPECT_THAT(c.receive_all(), ::testing::StartsWith("error"));
  EXPECT_LT(monotonic_now() - since, 8s);
  silent.clear();
  EXPECT_TRUE(eventually([&] { return lb.ctl({"pid"}).status == 0; }));
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s0");
}

TEST(Connections, AreListedWithinALimitOverAllWorkers) {
  testbed bed(1);
  watched_balancer lb(bed, web(bed) + "service other\nlisten 192.0.2.80:81\n" + bed.servers4());
  std::vector<conversation> held;
  for (const address& client : testbed::clients4(12)) {
    held.emplace_back(bed.crowd(), client, testbed::service4());
    EXPECT_EQ(held.back().get(), "s0");
  }
  const auto lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  EXPECT_EQ(lines(lb.tell("connections")), 1 + 12);
  EXPECT_EQ(lines(lb.tell("service web connections limit 3")), 1 + 3);
  EXPECT_EQ(lb.tell("service other connections limit 3"), "no connections\n");
}

TEST(On, SaysWhenItWasSaidToAnotherNode) {
  testbed bed(1);
  watched_balancer lb(bed, web(bed), {.arguments = {"--node", "lb1"}, .files = 0});
  EXPECT_EQ(lb.tell("on lb2 service web timeout 4"), "said to lb2 alone; this is lb1\n");
  EXPECT_EQ(lb.tell("service web timeout"), "3s\n");
  lb.tell("on lb1 service web timeout 4");
  EXPECT_EQ(lb.tell("service web timeout"), "4s\n");
}

TEST(Write, SparesAFileWithLinesOfTheOtherNode) {
  testbed bed(1);
  const std::string text = "node lb1 address a:1\nnode lb2 address b:1\n" + web(bed) + "on lb2 timeout 4\n";
  watched_balancer lb(bed, text, {.arguments = {"--node", "lb1"}, .files = 0});
  const auto refused = lb.ctl({"write"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.text, ::testing::HasSubstr("holdfast.conf:6: `on lb2` would be lost"));
  EXPECT_EQ(read_file(lb.file()), text);
  const std::string other = bed.files().path() / "other.conf";
  for (int i = 0; i < 2; ++i) EXPECT_EQ(lb.ctl({"write", other}).status, 0);  // to a new file, and over it
  EXPECT_EQ(read_file(other), lb.tell("show config"));
}

TEST(ControlSocket, TellsTroubleByItsExitStatus) {
  testbed bed(1);
  watched_balancer lb(bed, web(bed));
  EXPECT_EQ(lb.ctl({"status"}).status, 0);
  EXPECT_EQ(lb.ctl({"service", "web", "server", "7", "blacklist", "1"}).status, 1);
  EXPECT_EQ(lb.ctl({"no-such-command"}).status, 2);
  EXPECT_EQ(lb.ctl({"close", "12345"}).status, 1);
  EXPECT_EQ(lb.ctl({"close", "1023"}).status, 1);  // of a worker that is not there
  lb.program().kill(15);
  lb.program().wait(10s);
  EXPECT_EQ(lb.ctl({"status"}).status, 3);
}

std::string pid_over_tcp(testbed& bed, std::uint16_t port) {
  conversation c(bed.front(), address(), at("127.0.0.1", port));
  c.send("pid\n");
  const std::string said = c.receive_all();
  return said.empty() ? c.trouble() : said;
}

TEST(ControlPort, StaysThroughReloads) {
  testbed bed(1);
  const std::string text = "control 127.0.0.1:8099\n" + web(bed);
  watched_balancer lb(bed, text);
  const std::string pid = std::to_string(lb.program().pid()) + '\n';
  EXPECT_EQ(pid_over_tcp(bed, 8099), pid);
  lb.rewrite(text + "blacklist 7\n");
  lb.tell("reload");
  EXPECT_THAT(lb.tell("service web blacklist"), ::testing::HasSubstr("7"));
  lb.rewrite(text + "blacklist 8\n");
  lb.hang_up();
  EXPECT_TRUE(eventually([&] { return lb.tell("service web blacklist").find('8') != std::string::npos; }));
  EXPECT_EQ(pid_over_tcp(bed, 8099), pid);
  lb.rewrite("control 127.0.0.1:8100\n" + web(bed));
  lb.tell("reload");
  EXPECT_EQ(pid_over_tcp(bed, 8100), pid);
  EXPECT_EQ(pid_over_tcp(bed, 8099), "(refused)");
}

TEST(ControlPort, ThatIsTakenRefusesTheWholeReload) {
  testbed bed(1);
  watched_balancer lb(bed, "control 127.0.0.1:8099\n" + web(bed));
  const std::string before = lb.tell("show config");
  const listener other(bed.front(), at("127.0.0.1", 8100));
  lb.rewrite("control 127.0.0.1:8100\nservice web\nlisten 192.0.2.80:8080\n" + bed.servers4());
  const auto said = lb.ctl({"reload"});
  EXPECT_EQ(said.status, 1);
  EXPECT_THAT(said.text, ::testing::HasSubstr("127.0.0.1:8100"));
  EXPECT_EQ(lb.tell("show config"), before);
  EXPECT_EQ(bed.ask(at("10.9.0.1")), "s0");
  EXPECT_EQ(pid_over_tcp(bed, 8099), std::to_string(lb.program().pid()) + '\n');
}

TEST(ControlPort, DoesNotMoveWhenAnythingElseIsRefused) {
  testbed bed(1);
  watched_balancer lb(bed, "control 127.0.0.1:8099\n" + web(bed));
  const std::string before = lb.tell("show config");
  const std::string more = bed.files().write("more", "control 127.0.0.1:8100\nlisten nobody.invalid:1\n");
  EXPECT_EQ(lb.ctl({"include", more}).status, 1);
  EXPECT_EQ(lb.tell("show config"), before);
  EXPECT_EQ(pid_over_tcp(bed, 8100), "(refused)");
  EXPECT_EQ(pid_over_tcp(bed, 8099), std::to_string(lb.program().pid()) + '\n');
}

// As Pen does it; in the file `control` says what it means.
TEST(ControlPort, OnTheCommandLineIsNotOpenedAsRoot) {
  testbed bed(1);
  {
    watched_balancer lb(bed, web(bed), {.arguments = {"-C", "127.0.0.1:8099"}, .files = 0});
    EXPECT_EQ(pid_over_tcp(bed, 8099), "(refused)");
    EXPECT_THAT(lb.program().output(), ::testing::HasSubstr("a control port is not opened as root"));
  }
  watched_balancer lb(bed, web(bed), {.arguments = {"-u", "nobody", "-C", "127.0.0.1:8099"}, .files = 0});
  EXPECT_EQ(pid_over_tcp(bed, 8099), std::to_string(lb.program().pid()) + '\n');
}

}  // namespace
}  // namespace holdfast::lab
