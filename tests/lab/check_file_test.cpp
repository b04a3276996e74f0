// holdfast-balancer --check: what would fail at the start fails here, and nothing is touched.
#include "tests/lab/scene.h"

namespace holdfast::lab {
namespace {

class checker {
 public:
  checker() : lb_(bed_, web()) {
    program_ = std::filesystem::read_symlink("/proc/" + std::to_string(lb_.program().pid()) + "/exe");
  }

  const scratch& files() const { return bed_.files(); }

  // Of the usual service and some more lines. It runs beside a balancer that listens there already.
  balancer::answer check(const std::string& more) {
    const std::filesystem::path output = files().path() / "check.out";
    std::filesystem::remove(output);
    process p =
        bed_.front().run({program_, "--check", files().write("checked.conf", web() + more)}, {.output = output});
    const auto status = p.wait(15s);
    return {status.value_or(-1), p.output()};
  }

 private:
  static std::string web() { return "service web\nlisten 192.0.2.80:80\nserver 0 address 10.0.1.11 port 80\n"; }

  testbed bed_{0};
  watched_balancer lb_;
  std::string program_;
};

TEST(CheckedFile, ThatIsFinePassesInSilence) {
  checker c;
  const std::string log = c.files().path() / "access.log";
  const auto said = c.check("log " + log + "\ncontrol 127.0.0.1:8099\n");
  EXPECT_EQ(said.status, 0);
  EXPECT_EQ(said.text, "");
  EXPECT_FALSE(std::filesystem::exists(log)) << "nothing is made";
}

TEST(CheckedFile, ThatWouldFailAtTheStartIsRefused) {
  checker c;
  for (const auto& [line, why] :
       std::map<std::string, std::string>{{"log /nowhere/access.log", "log: can't write /nowhere/access.log"},
                                          {"control 0.0.0.0:8099", "expected rules that say who may send commands"},
                                          {"geoip /nowhere.mmdb", "geoip /nowhere.mmdb"},
                                          {"listen nobody.invalid:80", "listen nobody.invalid:80"}}) {
    const auto said = c.check(line + '\n');
    EXPECT_EQ(said.status, 1) << line;
    EXPECT_THAT(said.text, ::testing::AllOf(::testing::HasSubstr("checked.conf:4:1: "), ::testing::HasSubstr(why)))
        << line;
  }
}

TEST(CheckedFile, WithAServerWhoseNameDoesNotResolveIsWarnedOf) {
  checker c;
  for (const std::string line : {"server 1 address nobody.invalid port 80", "emergency nobody.invalid:80"}) {
    const auto said = c.check(line + '\n');
    EXPECT_EQ(said.status, 0) << line;
    EXPECT_THAT(said.text, ::testing::HasSubstr("warning: the name nobody.invalid does not resolve")) << line;
  }
}

TEST(CheckedFile, HasAllItsFaultsSaidAtOnceEachAtItsLine) {
  checker c;
  const std::string key = c.files().write("open.key", std::string(64, '0') + '\n');
  std::filesystem::permissions(key, std::filesystem::perms(0644));
  const auto said = c.check(
      "timeot 3\nlog /nowhere/access.log\ntimeout 3000\nlisten nobody.invalid:80\nservice two\n"
      "listen localhost:81\nservice three\nlisten 127.0.0.1:81\nserver 1 address 127.0.0.1:81\n"
      "node lb1 address lb1.invalid:7700\ncluster key " +
      key +
      "\nvrrp front interface nonesuch\n"
      "vrrp front id 51\nvrrp front address 192.0.2.80\n");
  EXPECT_EQ(said.status, 1);
  for (const char* wanted :
       {"checked.conf:4:1: expected a command; did you mean `timeout`?", "checked.conf:5:1: log: can't write /nowhere",
        "checked.conf:7:1: service web: listen nobody.invalid:80: ",
        ":81 is 127.0.0.1:81, where service three listens already",
        "checked.conf:6:1: warning: service web: timeout 50m",
        "checked.conf:12:1: warning: service three: server 1 is the service itself",
        "checked.conf:9:1: warning: service two: there is no server",
        "checked.conf:13:1: warning: node lb1: expected an ",
        "checked.conf:14:1: warning: the nodes can't know each other: can't use the cluster key ", ", not 0644",
        "checked.conf:15:1: warning: group front: no interface nonesuch is here",
        "checked.conf:17:1: warning: a virtual address without the length"}) {
    EXPECT_THAT(said.text, ::testing::HasSubstr(wanted));
  }
}

TEST(CheckedFile, ThatCanHardlyBeMeantIsWarnedOf) {
  checker c;
  const auto said = c.check("acl home permit country GB\n");
  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(said.text, ::testing::HasSubstr("warning: acl home has rules for countries"));
}

}  // namespace
}  // namespace holdfast::lab
