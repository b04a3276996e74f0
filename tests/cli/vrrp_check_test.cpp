#include "cli/settings/vrrp_check.h"

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

const char* prefix_of(severity is) {
  switch (is) {
    case severity::warns: return "warns: ";
    case severity::unfinished: return "unfinished: ";
    case severity::refuses: break;
  }
  return "refuses: ";
}

std::vector<std::string> texts(const std::vector<finding>& all) {
  std::vector<std::string> found;
  for (const finding& f : all) found.push_back(prefix_of(f.is) + f.why);
  return found;
}

std::vector<std::string> checked(const std::string& text) { return texts(check_vrrp(made(text))); }

const std::string front = "vrrp front interface eth0\nvrrp front id 51\nvrrp front address 192.0.2.80/24\n";

TEST(RoutersOfAGroup, ArePartedByInterfaceIdAndFamily) {
  const settings s = made(front +
                          "vrrp front address 2001:db8::80/64\nvrrp front address 192.0.2.81/24\n"
                          "vrrp front address 10.0.0.1/8 interface eth1 id 7\n");
  const auto routers = routers_of(s.vrrp.at("front"));
  ASSERT_EQ(routers.size(), 3U);
  EXPECT_EQ(routers.at({"eth0", 51, false}).size(), 2U);
  EXPECT_EQ(routers.at({"eth0", 51, true}).size(), 1U);
  const vrrp_address& other = routers.at({"eth1", 7, false}).at(0);
  EXPECT_EQ(other.interface, "eth1");
  EXPECT_EQ(other.id, 7);
  EXPECT_EQ(routers.at({"eth0", 51, true}).at(0).interface, "eth0");
  EXPECT_EQ(routers.at({"eth0", 51, true}).at(0).id, 51);
}

TEST(GroupCheck, FindsNothingInASoundGroup) {
  EXPECT_THAT(checked(""), IsEmpty());
  EXPECT_THAT(checked(front + "vrrp front address 2001:db8::80/64\n"), IsEmpty());  // the agent adds a link-local one
  EXPECT_THAT(checked(front + "vrrp back interface eth1\nvrrp back id 51\nvrrp back address 10.0.0.80/8\n"), IsEmpty());
}

TEST(GroupCheck, MissesTheIdAndTheAddress) {
  EXPECT_THAT(checked("vrrp front interface eth0\n"),
              ElementsAre("unfinished: group front has no address: expected `vrrp front address ADDRESS/LENGTH`",
                          "unfinished: group front has no id: expected `vrrp front id NUMBER`, the same on all nodes"));
  const std::string own = "vrrp front interface eth0\nvrrp front address 192.0.2.80/24 id 5\n";
  EXPECT_THAT(checked(own), IsEmpty());
  EXPECT_THAT(checked(own + "vrrp front address 192.0.2.81/24\n"),
              ElementsAre("unfinished: group front has no id: expected `vrrp front id NUMBER`, the same on all nodes"));
}

TEST(GroupCheck, RefusesARouterInTwoGroups) {
  const std::string back = "vrrp back interface eth1\nvrrp back id 51\n";
  EXPECT_THAT(checked(front + back + "vrrp back address 192.0.2.90/24 interface eth0\n"),
              ElementsAre("refuses: group front and group back are both virtual router 51 (IPv4) on eth0: expected "
                          "different ids"));
  EXPECT_THAT(checked(front + back + "vrrp back address 2001:db8::90/64 interface eth0\n"), IsEmpty());
  EXPECT_THAT(checked(front + back + "vrrp back address 192.0.2.90/24 interface eth0 id 52\n"), IsEmpty());
}

TEST(GroupCheck, RefusesAnAddressInTwoRouters) {
  EXPECT_THAT(checked(front + "vrrp back interface eth0\nvrrp back id 52\nvrrp back address 192.0.2.80/32\n"),
              ElementsAre("refuses: group front and group back both have 192.0.2.80 on eth0: expected it in one"));
  EXPECT_THAT(checked(front + "vrrp front address 192.0.2.80/24 interface eth0 id 52\n"),
              ElementsAre("refuses: group front has 192.0.2.80 on eth0 twice: expected it in one virtual router"));
  EXPECT_THAT(checked(front + "vrrp front address 192.0.2.80/24 interface eth1\n"), IsEmpty());
}

TEST(GroupCheck, CountsRoutersAndAddresses) {
  std::string text = front;
  for (std::size_t i = 1; i < max_vrrp_routers; ++i) {
    text += "vrrp front address 10.0.0." + std::to_string(i) + " id " + std::to_string(i) + '\n';
  }
  EXPECT_THAT(checked(text), IsEmpty());
  EXPECT_THAT(checked(text + "vrrp front address ::5\n"),
              ElementsAre("refuses: group front has 17 virtual routers: expected at most 16 (each interface, id and "
                          "family is one)"));
  std::string many = front;
  for (std::size_t i = 1; i < max_vrrp_addresses; ++i) many += "vrrp front address 10.0.0." + std::to_string(i) + '\n';
  EXPECT_THAT(checked(many), IsEmpty());
  EXPECT_THAT(
      checked(many + "vrrp front address 10.0.1.1\n"),
      ElementsAre("refuses: group front has 256 addresses in virtual router 51 (IPv4) on eth0: expected at most "
                  "255"));
}

TEST(GroupCheck, LeavesRoomForTheLinkLocalAddress) {
  std::string many = "vrrp front interface eth0\nvrrp front id 51\n";
  for (std::size_t i = 1; i < max_vrrp_addresses; ++i)
    many += "vrrp front address 2001:db8::" + std::to_string(i) + '\n';
  EXPECT_THAT(checked(many), IsEmpty());
  EXPECT_THAT(checked(many + "vrrp front address fe80::1/64\n"), IsEmpty());
  EXPECT_THAT(
      checked(many + "vrrp front address 2001:db8::f:1\n"),
      ElementsAre("refuses: group front has 255 addresses in virtual router 51 (IPv6) on eth0: expected at most "
                  "254"));
}

TEST(GroupCheck, KnowsWhatVersionTwoCanSay) {
  EXPECT_THAT(checked(front + "vrrp front version 2\n"), IsEmpty()) << "an automatic one is 1 s then";
  EXPECT_THAT(checked(front + "vrrp front version 2\nvrrp front interval 2s\n"), IsEmpty());
  EXPECT_THAT(checked(front + "vrrp front version 2\nvrrp front interval 500ms\n"),
              ElementsAre("refuses: group front has an interval that version 2 can't say: expected whole seconds"));
  const std::string six = front + "vrrp front address 2001:db8::80/64\nvrrp front version ";
  EXPECT_THAT(checked(six + "2\n"),
              ElementsAre("refuses: group front has IPv6 addresses, which version 2 does not know: "
                          "expected `version 3` or `mixed`"));
  EXPECT_THAT(checked(six + "mixed\nvrrp front interval 500ms\n"), IsEmpty());
}

TEST(GroupCheck, WarnsOfAnOwnerThatWouldNotPreempt) {
  const std::string why =
      "warns: group front has priority 255, and an owner of addresses takes over at once: `preempt` has no effect";
  EXPECT_THAT(checked(front + "vrrp front priority 255\n"), IsEmpty());
  EXPECT_THAT(checked(front + "vrrp front priority 255\nvrrp front preempt delay 3s\n"), ElementsAre(why));
  EXPECT_THAT(checked(front + "vrrp front priority 255\nno vrrp front preempt\n"), ElementsAre(why));
  EXPECT_THAT(checked(front + "vrrp front priority 254\nvrrp front preempt delay 3s\n"), IsEmpty());
}

TEST(GroupCheck, WatchesWhatAnotherBoxHasAndTheGroupCanAsk) {
  EXPECT_THAT(checked(front + "vrrp front watch 192.0.2.1\n"), IsEmpty());
  EXPECT_THAT(checked(front + "vrrp front watch 192.0.2.80\n"),
              ElementsAre("refuses: group front watches 192.0.2.80, which is an address of its own: expected one of "
                          "another box, such as a gateway"));
  EXPECT_THAT(checked(front + "vrrp front watch 2001:db8::1\n"),
              ElementsAre("refuses: group front watches 2001:db8::1, and has no address of that family"));
  EXPECT_THAT(checked(front + "vrrp front watch 192.0.2.1\nvrrp front wire off\n"),
              ElementsAre("warns: group front watches 192.0.2.1, and asks no other node without the wire: `watch` has "
                          "no effect"));
}

TEST(GroupCheck, WarnsOfAWireWithoutAKey) {
  const std::string pair = "node lb1 address a:1\nnode lb2 address b:1\n";
  EXPECT_THAT(checked(pair + front),
              ElementsAre("warns: group front can't ask the agents of the other nodes without a key: expected `cluster "
                          "key FILE` (`hfctl cluster key new FILE` makes one), or `vrrp front wire off`"));
  EXPECT_THAT(checked(pair + front + "cluster key /etc/k\n"), IsEmpty());
  EXPECT_THAT(checked(pair + front + "vrrp front wire off\n"), IsEmpty());
}

TEST(ClusterCheck, WarnsOfEqualPriorities) {
  const settings usual = made(front);
  const settings higher = made(front + "vrrp front priority 150\n");
  EXPECT_THAT(texts(check_cluster({{"lb1", higher}, {"lb2", usual}})), IsEmpty());
  EXPECT_THAT(texts(check_cluster({{"lb1", usual}})), IsEmpty());
  EXPECT_THAT(texts(check_cluster({{"lb1", usual}, {"lb2", usual}})),
              ElementsAre("warns: group front has priority 100 on lb1 and lb2, so the higher address of the interface "
                          "decides: expected, for example, `on lb1 vrrp front priority 150`"));
  const settings owner = made(front + "vrrp front priority 255\n");
  EXPECT_THAT(texts(check_cluster({{"a", owner}, {"b", usual}, {"c", owner}, {"d", owner}})),
              ElementsAre("warns: group front has priority 255 on a, c and d, so the higher address of the interface "
                          "decides: expected, for example, `on a vrrp front priority 205`"));
  EXPECT_THAT(texts(check_cluster({{"lb1", usual}, {"lb2", {}}})), IsEmpty());
}

}  // namespace

}  // namespace holdfast
