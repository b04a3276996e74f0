// Changes of all nodes: what fails on one of them, or loses one on the way, is made on none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "tests/lab/bulk.h"
#include "tests/lab/sync/cluster.h"
#include "tests/lab/sync/intruder.h"
#include "tests/lab/vrrp/drill.h"

namespace holdfast::lab {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const std::string another_port = "service web listen 0.0.0.0:7000";
constexpr std::uint64_t number = (std::uint64_t{1} << 63) + 8;  // of a node's first change

bool listens_there(const cluster& c, int node) {
  return c.tell(node, "show config").find("0.0.0.0:7000") != std::string::npos;
}

fs::path file_of(cluster& c, int node) { return c.lb(node).run_directory() / "holdfast.conf"; }

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// With the port taken on one node, whichever is asked: all that can be known before has been promised.
TEST(Change, ThatFailsOnOneNodeIsMadeOnNone) {
  cluster c;
  c.start();
  for (const int n : {1, 2}) {
    const listener taken(c.lb(n).machine(), at("0.0.0.0", 7000));
    for (const int asked : {1, 2}) {
      const auto said = c.ctl(asked, "cluster " + another_port);
      EXPECT_EQ(said.status, 1) << said.text;
      EXPECT_THAT(said.text, HasSubstr("nothing was changed: " + (asked == n ? "here" : c.lb(n).name())));
      EXPECT_FALSE(listens_there(c, 1) || listens_there(c, 2)) << said.text;
    }
    EXPECT_THAT(c.lb(3 - n).balancer().output(), HasSubstr("undone why=\"it was not made on all nodes\""));
  }
  EXPECT_THAT(c.tell(2, "cluster " + another_port), HasSubstr("lb1"));
  EXPECT_TRUE(listens_there(c, 1) && listens_there(c, 2));
}

// Whenever it dies: who lives has what the answer says.
TEST(Change, WhoseSecondNodeIsKilledIsMadeAsTheAnswerSays) {
  cluster c;
  c.start();
  int made = 0;
  for (int i = 0; i < 12; ++i) {
    c.tell(1, "service web timeout 5");
    cluster::answer said;
    std::thread operators([&] { said = c.ctl(1, "cluster service web timeout 7"); });
    pass(std::chrono::milliseconds(2 * i));
    c.lb(2).balancer().kill();
    operators.join();
    made += said.status == 0 ? 1 : 0;
    const bool has = c.tell(1, "show config").find("timeout 7") != std::string::npos;
    EXPECT_EQ(has, said.status == 0) << said.text;
    if (!has) {
      EXPECT_THAT(said.text, HasSubstr("nothing was changed: lb2"));
    }
    c.lb(2).start_our_balancer(c.file());
    ASSERT_TRUE(c.synced()) << c.scene().said();
  }
  std::printf("[  figure  ] of 12 changes whose second node was killed %d were made\n", made);
  EXPECT_THAT(c.tell(1, "cluster service web timeout 9"), HasSubstr("lb2"));
}

// lb1 runs; somebody is lb2, and dies as he likes.
class ChangeOfAnother : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster_.start(1);
    ASSERT_TRUE(cluster_.serves(1)) << cluster_.scene().said();
    meet(42);
  }
  void meet(std::uint64_t incarnation, std::uint8_t minor = sync_minor) {
    he_ = std::make_unique<intruder>(cluster_.lb(2).machine(), cluster_.key(), at("10.0.9.11", 7700));
    ASSERT_TRUE(he_->opened()) << cluster_.scene().said();
    he_->say(sync_hello{.node = "lb2", .software = "0.0", .incarnation = incarnation, .minor = minor});
    ASSERT_TRUE(eventually([&] { return he_->heard() > 1; })) << cluster_.scene().said();
  }
  void order(order_phase phase, const std::string& text = {}) {
    he_->say(sync_ping{});
    he_->say(sync_order{.id = number | static_cast<std::uint64_t>(phase), .phase = phase, .text = text});
  }
  void answer(order_phase phase) {
    he_->say(sync_answer{.id = number | static_cast<std::uint64_t>(phase), .accepted = true, .text = ""});
  }
  void make() {
    order(order_phase::prepare, "service web timeout 7");
    order(order_phase::commit);
    ASSERT_TRUE(becomes(true)) << cluster_.scene().said();
  }
  bool becomes(bool made) {
    return eventually([&] { return (cluster_.tell(1, "show config").find("timeout 7") != std::string::npos) == made; });
  }

  cluster cluster_;
  std::unique_ptr<intruder> he_;
};

TEST_F(ChangeOfAnother, ReservesUsUntilItIsDecided) {
  order(order_phase::prepare, "service web timeout 7");
  const auto refused = [&] { return cluster_.ctl(1, "service web timeout 9").text; };
  EXPECT_TRUE(eventually([&] { return refused().find("a change of all nodes is under way") != std::string::npos; }));
  EXPECT_THAT(cluster_.ctl(1, "reload").text, HasSubstr("a change of all nodes is under way"));
  order(order_phase::commit);
  EXPECT_TRUE(becomes(true));
  order(order_phase::keep);
  EXPECT_TRUE(eventually([&] { return cluster_.ctl(1, "service web timeout 9").status == 0; }));
}

TEST_F(ChangeOfAnother, StaysInDoubtUntilThatIsThereAgain) {
  make();
  he_.reset();
  pass(1s);
  EXPECT_TRUE(becomes(true));
  meet(42);
  order(order_phase::forget);
  EXPECT_TRUE(becomes(false)) << cluster_.scene().said();
}

TEST_F(ChangeOfAnother, IsUndoneWhenThatHasDied) {
  make();
  he_.reset();
  meet(43);
  EXPECT_TRUE(becomes(false)) << cluster_.scene().said();
}

TEST_F(ChangeOfAnother, StaysWhenMoreWasChangedHereSince) {
  make();
  he_.reset();
  EXPECT_TRUE(eventually([&] { return cluster_.ctl(1, "service web idle_timeout 99").status == 0; }));
  meet(43);
  EXPECT_TRUE(eventually([&] { return cluster_.lb(1).balancer().output().find("stays why=") != std::string::npos; }));
  EXPECT_TRUE(becomes(true));
}

TEST_F(ChangeOfAnother, IsNotBegunWithAnOlderOne) {
  he_.reset();
  meet(43, 1);
  EXPECT_TRUE(eventually([&] {
    return cluster_.ctl(1, "cluster service web timeout 7").text.find("its version can't take a change back") !=
           std::string::npos;
  }));
}

TEST_F(ChangeOfAnother, OfOursDiesWithWhoHasMadeIt) {
  cluster::answer said;
  std::thread operators([&] { said = cluster_.ctl(1, "cluster service web timeout 7"); });
  for (int i = 0; i < 50; ++i) {  // he does not hear what he answers
    he_->say(sync_ping{});
    answer(order_phase::prepare);
    pass(20ms);
  }
  he_.reset();
  operators.join();
  EXPECT_THAT(said.text, HasSubstr("nothing was changed: lb2: the connection to it ended"));
  EXPECT_TRUE(becomes(false));
}

TEST(ChangeOfFiles, IsWrittenOnAllNodesOrOnNone) {
  cluster c;
  c.start();
  const std::string before = c.file();
  const auto load = [&](const std::string& text) {
    return c.ctl(1, "cluster load " + c.scene().files().write("new.conf", text).string());
  };
  const auto expect_files = [&](const std::string& text) {
    for (const int node : {1, 2}) {
      EXPECT_EQ(text_of(file_of(c, node)), text) << node;
      EXPECT_FALSE(fs::exists(file_of(c, node).string() + ".new"));
    }
  };
  const std::string more = before + another_port + '\n';
  EXPECT_THAT(load(before + "nonsense\n").text, HasSubstr("nothing was changed: here: "));
  EXPECT_THAT(load(before + "on lb2 include /nowhere\n").text, HasSubstr("nothing was changed: "));
  EXPECT_THAT(load(before + "node lb3 address 10.0.9.13:7700\n").text, HasSubstr("on each of them"));
  expect_files(before);
  for (const int n : {1, 2}) {
    const listener taken(c.lb(n).machine(), at("0.0.0.0", 7000));
    EXPECT_EQ(load(more).status, 1);
    expect_files(before);
    EXPECT_FALSE(listens_there(c, 1) || listens_there(c, 2));
  }
  const auto said = load(more);
  EXPECT_EQ(said.status, 0) << said.text;
  expect_files(more);
  EXPECT_TRUE(listens_there(c, 1) && listens_there(c, 2)) << said.text;
  EXPECT_THAT(c.tell(1, "cluster"), HasSubstr("no differences"));
  EXPECT_THAT(c.tell(2, "reload"), HasSubstr("no change"));
}

}  // namespace
}  // namespace holdfast::lab
