#include "balancer/daemon/daemon_options.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

const std::map<std::string, std::string> files{
    {"/etc/main.conf",
     "node lb1 address 10.0.0.1:7700\nnode lb2 address 10.0.0.2:7700\non lb2 debug 1\nservice web\ntimeout 7s\n"}};

result<std::string, std::string> read(const std::string& path) {
  const auto found = files.find(path);
  if (found == files.end()) return failure{"no such file"};
  return {boost::system::in_place_value, found->second};
}

daemon_options with_file(const std::string& file) {
  daemon_options with;
  with.config_file = file;
  with.node = "lb1";
  with.base.debug = 0;
  return with;
}

TEST(DaemonOptions, AreAllThereIsWithoutAFile) {
  daemon_options with = with_file("");
  with.base.workers = 3;
  EXPECT_EQ(config_of(with, read)->workers, 3U);
  EXPECT_TRUE(lines_for_nodes(with, with.base, read).empty());
}

TEST(DaemonOptions, HaveTheFileOnTop) {
  const auto said = config_of(with_file("/etc/main.conf"), read);
  ASSERT_TRUE(said) << said.error();
  EXPECT_EQ(said->services.at("web").timeout, 7s);
  EXPECT_FALSE(config_of(with_file("/etc/other.conf"), read));
}

TEST(DaemonOptions, TakeATextInPlaceOfTheFiles) {
  const auto said = config_of(with_file("/etc/main.conf"), read, "service web\ntimeout 9s\n");
  ASSERT_TRUE(said) << said.error();
  EXPECT_EQ(said->services.at("web").timeout, 9s);
  EXPECT_EQ(config_of(with_file("/etc/main.conf"), read, "nonsense\n").error().substr(0, 17), "/etc/main.conf:1:");
}

TEST(DaemonOptions, KnowWhatTheFileSaysToEachNode) {
  const daemon_options with = with_file("/etc/main.conf");
  const auto says = lines_for_nodes(with, *config_of(with, read), read);
  ASSERT_TRUE(says.contains("lb1") && says.contains("lb2"));
  EXPECT_NE(says.at("lb1"), says.at("lb2"));
}

TEST(DaemonOptions, AtAReloadPutTheFileInPlaceOfWhatRuns) {
  const daemon_options with = with_file("/etc/main.conf");
  settings running = *config_of(with, read);
  running.services["web"].roundrobin = true;
  const auto again = config_again(with, running, running, read);
  ASSERT_TRUE(again) << again.error();
  EXPECT_FALSE(again->wanted.services.at("web").roundrobin);
  EXPECT_EQ(again->file, *config_of(with, read));
}

TEST(DaemonOptions, AtAReloadAsPenAddTheFileToWhatRuns) {
  daemon_options with = with_file("/etc/main.conf");
  with.pen = true;
  settings running = *config_of(with, read);
  running.services["web"].roundrobin = true;
  running.services["web"].timeout = 1s;
  running.services["web"].servers = {{.name = "1", .where = {"127.0.0.1", "80", ""}}};
  const auto again = config_again(with, {}, running, read);
  ASSERT_TRUE(again) << again.error();
  EXPECT_TRUE(again->wanted.services.at("web").roundrobin);
  EXPECT_EQ(again->wanted.services.at("web").servers.size(), 1U);
  EXPECT_EQ(again->wanted.services.at("web").timeout, 7s) << "the file's word";
  EXPECT_EQ(again->file, again->wanted);
  EXPECT_FALSE(config_again(with_file("/etc/other.conf"), {}, running, read));
  with.config_file.clear();
  EXPECT_EQ(config_again(with, {}, running, read)->wanted, running) << "there is nothing to add";
}

TEST(DaemonOptions, AskForAWorkerOfEachCore) {
  settings s;
  EXPECT_EQ(workers_of(s, 4), 4U);
  EXPECT_EQ(workers_of(s, 0), 1U) << "the system doesn't know";
  s.workers = 2;
  EXPECT_EQ(workers_of(s, 4), 2U);
}

}  // namespace
}  // namespace holdfast
