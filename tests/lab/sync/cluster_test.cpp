// What operators do to a pair that runs: they replace its key, reload it, and look whether all is well.
#include "tests/lab/sync/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/lab/vrrp/drill.h"

namespace holdfast::lab {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

void expect_nobody_moved(cluster& c, const answers& before) {
  const answers after = c.visit(served(before));
  EXPECT_TRUE(compare(before, after).whole()) << strays(before, after) << c.scene().said();
}

// Whether servers of that node are drained.
bool drains(const cluster& c, int number) {
  return c.tell(number, "service web servers").find("drain") != std::string::npos;
}

TEST(Operator, ReplacesTheKeyWhileAllRuns) {
  cluster c;
  c.start();
  const answers before = c.visit(c.strangers(200));
  const auto next = c.scene().files().write("next.key", std::string(64, 'b') + '\n');
  fs::permissions(next, fs::perms(0600));
  const std::string former_key = c.key().string(), next_key = next;
  for (const std::string& step : {former_key + " next " + next_key, next_key + " next " + former_key, next_key}) {
    for (const int number : {1, 2}) {
      c.tell(number, "cluster key " + step);
      EXPECT_TRUE(c.synced()) << step << ' ' << number << '\n' << c.scene().said();
    }
  }
  EXPECT_TRUE(c.serves(1));
  expect_nobody_moved(c, before);
}

TEST(Operator, ReplacesTheKeyInPlaceAndReloads) {
  cluster c;
  c.start();
  std::ofstream(c.key()) << std::string(64, 'c') << '\n';
  for (const int number : {1, 2}) c.tell(number, "reload");
  EXPECT_TRUE(c.synced()) << c.scene().said();
  c.stop(2);
  c.start(2);
  EXPECT_TRUE(c.synced()) << "a restart finds what the other has\n" << c.scene().said();
}

TEST(Operator, WhoseKeyIsOpenToAllHasElectionsAndIsToldWhy) {
  cluster c;
  fs::permissions(c.key(), fs::perms(0644));
  c.start(1);
  c.start(2);
  ASSERT_TRUE(c.serves(1)) << c.scene().said();
  for (const int number : {1, 2}) {
    EXPECT_TRUE(eventually([&] {
      return c.lb(number).balancer().output().find("sync=off") != std::string::npos &&
             c.lb(number).agent().output().find("wire=off") != std::string::npos;
    })) << number
        << c.scene().said();
  }
  fs::permissions(c.key(), fs::perms(0600));
  EXPECT_TRUE(c.synced()) << "without a reload\n" << c.scene().said();
}

TEST(Operator, WhoHasDrainedAServerMayReload) {
  cluster c;
  c.start();
  c.tell(1, "service web server 1 drain");
  ASSERT_TRUE(eventually([&] { return drains(c, 2); })) << c.scene().said();
  for (const int number : {2, 1}) EXPECT_THAT(c.tell(number, "reload"), HasSubstr("until `undo` or `write`: web/1"));
  pass(2s);  // in which they would hear of each other's file
  EXPECT_TRUE(drains(c, 1) && drains(c, 2)) << c.scene().said();
  c.tell(2, "undo");
  EXPECT_TRUE(eventually([&] { return !drains(c, 1) && !drains(c, 2); })) << c.scene().said();
}

TEST(Operator, IsToldWhichServiceCantBeInSync) {
  cluster c;
  c.start();
  EXPECT_EQ(served(c.visit(c.strangers(300))).size(), 300U);
  ASSERT_TRUE(c.equal());
  c.tell(1, "service ssh");
  const auto first_line = [&] { return c.tell(1, "cluster"); };
  EXPECT_TRUE(eventually([&] { return first_line().starts_with("lb2: service ssh is only here"); })) << first_line();
  EXPECT_THAT(c.ctl(1, "cluster wait-synced --timeout 1").text, HasSubstr("service ssh is only here"));
  EXPECT_THAT(c.ctl(1, "cluster switchover").text, HasSubstr("service ssh is only here"));
  c.tell(1, "no service ssh");
  ASSERT_TRUE(c.synced());
  c.tell(2, "service web clients_max 100");
  EXPECT_TRUE(eventually([&] {
    c.tell(1, "cluster check");
    return first_line().find("of at most 100 clients on lb2 (clients_max)") != std::string::npos;
  })) << first_line();
  EXPECT_THAT(c.ctl(1, "cluster switchover").text, HasSubstr("clients here, 100 of at most 100 clients on lb2"));
}

}  // namespace
}  // namespace holdfast::lab
