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
                                          {"control 0.0.0.0:8099", "expected a control_acl with rules"},
                                          {"geoip /nowhere.mmdb", "geoip /nowhere.mmdb"},
                                          {"listen nobody.invalid:80", "listen nobody.invalid:80"}}) {
    const auto said = c.check(line + '\n');
    EXPECT_EQ(said.status, 1) << line;
    EXPECT_THAT(said.text, ::testing::AllOf(::testing::HasSubstr("checked.conf: "), ::testing::HasSubstr(why))) << line;
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

TEST(CheckedFile, ThatCanHardlyBeMeantIsWarnedOf) {
  checker c;
  const auto said = c.check("acl home permit country GB\n");
  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(said.text, ::testing::HasSubstr("warning: acl home has rules for countries"));
}

}  // namespace
}  // namespace holdfast::lab
