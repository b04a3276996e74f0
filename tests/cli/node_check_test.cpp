#include "cli/configuration/node_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/configuration/config.h"

namespace holdfast {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

settings made(const std::string& text) {
  const auto no_files = [](const std::string&) -> result<std::string, std::string> { return failure{"no such file"}; };
  const auto loaded = load_config_text(text, "", "lb1", no_files);
  EXPECT_TRUE(loaded) << loaded.error().text();
  return loaded ? *loaded : settings{};
}

std::vector<std::string> texts(const findings& all) {
  std::vector<std::string> found;
  for (const finding& f : all) {
    EXPECT_EQ(f.is, severity::warns);
    found.push_back(f.about + ": " + f.why);
  }
  return found;
}

const std::string first = "node lb1 address 10.0.0.1:7700\n";
const std::string key = "cluster key /k\n";

TEST(NodeCheck, FindsNothingInASoundPair) {
  EXPECT_THAT(check_nodes(made(""), "lb1"), IsEmpty());
  EXPECT_THAT(check_nodes(made(first + "node lb2 address 10.0.0.2:7700\n" + key), "lb2"), IsEmpty());
}

TEST(NodeCheck, WarnsOfNodesThatCantMeet) {
  EXPECT_THAT(
      texts(check_nodes(made(first + "node lb2 address lb2.example:7700\n" + key), "lb1")),
      ElementsAre("node lb2: node lb2: expected an address, not a name, and a port below 65535: the nodes can't "
                  "meet"));
  EXPECT_THAT(texts(check_nodes(made(first + "node lb2 address [2001:db8::2]:7700\n" + key), "lb1")),
              ElementsAre("node lb2: node lb2 has an IPv6 address, and node lb1 one of the other family: expected one "
                          "family for all"));
  EXPECT_THAT(texts(check_nodes(made(first + "node lb2 address 10.0.0.1:7700\n" + key), "lb1")),
              ElementsAre("node lb2: node lb2 has the address of node lb1: expected its own"));
  EXPECT_THAT(texts(check_nodes(made(first + "node lb2 address 10.0.0.2:7700\n"), "lb1")),
              ElementsAre("node: the nodes don't tell each other of their clients without a key: expected `cluster key "
                          "FILE`, or `no sync`"));
}

TEST(NodeCheck, WarnsOfANameAmongNone) {
  EXPECT_THAT(texts(check_nodes(made(first + key), "lb3")),
              ElementsAre("node: lb3 is none of the nodes, so this node talks to no other: expected --node with one of "
                          "lb1"));
}

TEST(ListenerCheck, WarnsOfWhatStaysWhenTheAddressesMove) {
  const std::string group = "vrrp front interface eth0\nvrrp front id 51\nvrrp front address 192.0.2.80/24\n" + first;
  EXPECT_THAT(check_listeners(made(group + "listen 80\nlisten 192.0.2.80:81\nlisten 127.0.0.1:82\nlisten 10.0.0.1:83\n"
                                           "listen some.name:84\nlisten /run/x\n")),
              IsEmpty());
  EXPECT_THAT(texts(check_listeners(made(group + "service web listen 192.0.2.81:80\n"))),
              ElementsAre("service web listen 192.0.2.81:80: service web: listen 192.0.2.81:80 is at no address of a "
                          "group, and stays when those move"));
  EXPECT_THAT(check_listeners(made("listen 192.0.2.81:80\n")), IsEmpty()) << "nothing moves";
}

TEST(MachineCheck, WarnsOfWhatTheMachineHasNot) {
  const settings s = made(
      "vrrp front interface eth0\nvrrp front id 51\nvrrp front address 192.0.2.80/24\n"
      "vrrp front address 10.0.0.80/24 interface eth1\nvrrp front track eth2\n" +
      key);
  EXPECT_THAT(check_machine(s, {{"lo", "eth0", "eth1", "eth2"}, ""}), IsEmpty());
  EXPECT_THAT(texts(check_machine(s, {{"lo", "eth0"}, "can't read /k"})),
              ElementsAre("cluster key: the nodes can't know each other: can't read /k",
                          "vrrp front interface: group front: no interface eth1 is here; there are lo, eth0",
                          "vrrp front interface: group front: no interface eth2 is here; there are lo, eth0"));
}

}  // namespace
}  // namespace holdfast
