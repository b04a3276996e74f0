#include "cli/configuration/apply_vrrp.h"

#include <gtest/gtest.h>

#include "cli/configuration/config.h"
#include "tests/cli/operated.h"

namespace holdfast {

namespace {

operated with_group() {
  operated o;
  EXPECT_EQ(o.say("vrrp front interface eth0"), "");
  return o;
}

address host(std::string_view text) { return *address::parse(text); }

TEST(Group, BeginsWithItsInterface) {
  operated o;
  EXPECT_EQ(o.say("vrrp front priority 150"), "no group front: expected `vrrp front interface ...` first");
  EXPECT_EQ(o.say("vrrp front interface eth0"), "");
  EXPECT_EQ(o.group().name, "front");
  EXPECT_EQ(o.say("vrrp frnt priority 150"), "no group frnt: expected one of front");
  EXPECT_EQ(o.say("vrrp frnt peer ::1"), "no group frnt: expected one of front");
  EXPECT_EQ(o.say("vrrp front interface eth1"), "");
  EXPECT_EQ(o.group().interface, "eth1");
  EXPECT_EQ(o.say("no vrrp front"), "");
  EXPECT_TRUE(o.now.vrrp.empty());
  EXPECT_EQ(o.say("no vrrp front"), "no group front: expected `vrrp front interface ...` first");
}

TEST(Group, IsOneOf64) {
  operated o;
  for (std::size_t i = 0; i < max_vrrp_groups; ++i) ASSERT_EQ(o.say("vrrp g" + std::to_string(i) + " interface e"), "");
  EXPECT_EQ(o.say("vrrp more interface e"), "expected at most 64 groups");
  EXPECT_EQ(o.say("vrrp g0 interface f"), "");
}

TEST(Group, HasItsScalars) {
  operated o = with_group();
  for (const char* line :
       {"id 51", "priority 150", "interval 50ms", "version mixed", "preempt delay 1m", "lease off", "announce every 5s",
        "mac virtual", "patience 300ms", "checksum rfc5798", "wire off", "watch 192.0.2.1"}) {
    EXPECT_EQ(o.say("vrrp front " + std::string(line)), "") << line;
  }
  for (const char* line : {"vrrp front standalone", "vrrp front accept_password", "no vrrp front preempt"}) {
    EXPECT_EQ(o.say(line), "") << line;
  }
  vrrp_settings expected;
  expected.name = "front";
  expected.interface = "eth0";
  expected.id = 51;
  expected.priority = 150;
  expected.interval = 50ms;
  expected.version = vrrp_version::mixed;
  expected.preempt = false;
  expected.preempt_delay = 60s;
  expected.lease = 0s;
  expected.announce_every = 5s;
  expected.mac_virtual = true;
  expected.patience = 300ms;
  expected.standalone = true;
  expected.checksum = vrrp_checksum::rfc5798;
  expected.accept_password = true;
  expected.wire = false;
  expected.watch = address::v4(0xc0000201);
  EXPECT_EQ(o.group(), expected);
  EXPECT_EQ(o.say("no vrrp front watch"), "");
  EXPECT_EQ(o.group().watch, std::nullopt);
}

TEST(GroupInterval, IsAutomaticUnlessSaid) {
  operated o = with_group();
  const std::string usual = write_config(o.now);
  EXPECT_EQ(o.group().interval, automatic_time);
  EXPECT_EQ(o.say("vrrp front interval 1s"), "");
  EXPECT_EQ(write_config(o.now), "vrrp front interface eth0\nvrrp front interval 1s\n");
  EXPECT_EQ(o.say("vrrp front interval auto"), "");
  EXPECT_EQ(write_config(o.now), usual);
}

TEST(GroupAddress, SaysWhatDiffersFromTheGroup) {
  operated o = with_group();
  EXPECT_EQ(o.say("vrrp front address 192.0.2.80/24"), "");
  EXPECT_EQ(o.say("vrrp front address 2001:db8::80"), "");
  EXPECT_EQ(o.say("vrrp front address 192.0.2.81 id 7 interface eth1"), "");
  EXPECT_EQ(o.group().addresses, (std::vector<vrrp_address>{{host("192.0.2.80"), 24, "", std::nullopt},
                                                            {host("2001:db8::80"), 128, "", std::nullopt},
                                                            {host("192.0.2.81"), 32, "eth1", 7}}));
}

TEST(GroupAddress, SaidAgainIsChangedInItsPlace) {
  operated o = with_group();
  EXPECT_EQ(o.say("vrrp front address fe80::1/64"), "");
  EXPECT_EQ(o.say("vrrp front address fe80::1/64 interface eth1"), "");
  EXPECT_EQ(o.say("vrrp front address fe80::1/10 id 9"), "");
  EXPECT_EQ(o.group().addresses,
            (std::vector<vrrp_address>{{host("fe80::1"), 10, "", 9}, {host("fe80::1"), 64, "eth1", std::nullopt}}));
  EXPECT_EQ(o.say("no vrrp front address fe80::1"), "");
  EXPECT_TRUE(o.group().addresses.empty());
  EXPECT_EQ(o.say("no vrrp front address fe80::1"), "group front has no address fe80::1");
}

TEST(GroupAddress, IsOneOfAsManyAsItsRoutersHold) {
  operated o = with_group();
  constexpr std::uint32_t most = max_vrrp_routers * max_vrrp_addresses;
  for (std::uint32_t i = 0; i < most; ++i) {
    o.group().addresses.push_back({address::v4(0x0a000000 + i), 8, "", std::nullopt});
  }
  EXPECT_EQ(o.say("vrrp front address 192.0.2.1"), "expected at most 4080 addresses in group front");
  EXPECT_EQ(o.say("vrrp front address 10.0.0.1/9"), "");
}

TEST(GroupPeer, IsAddedOnceAndRemoved) {
  operated o = with_group();
  EXPECT_EQ(o.say("vrrp front peer 10.0.0.2"), "");
  EXPECT_EQ(o.say("vrrp front peer 10.0.0.2"), "");
  EXPECT_EQ(o.group().peers, std::vector{host("10.0.0.2")});
  EXPECT_EQ(o.say("no vrrp front peer 10.0.0.3"), "group front has no peer 10.0.0.3");
  EXPECT_EQ(o.say("no vrrp front peer 10.0.0.2"), "");
  EXPECT_TRUE(o.group().peers.empty());
}

TEST(GroupPeer, IsOneOfSixteen) {
  operated o = with_group();
  for (std::size_t i = 0; i < max_vrrp_peers; ++i) {
    ASSERT_EQ(o.say("vrrp front peer 10.0.0." + std::to_string(i)), "");
  }
  EXPECT_EQ(o.say("vrrp front peer 10.0.1.0"), "expected at most 16 peers in group front");
}

TEST(GroupTrack, IsAddedOnceAndRemovedAndOneOfSixteen) {
  operated o = with_group();
  EXPECT_EQ(o.say("vrrp front track eth0"), "");
  for (std::size_t i = 0; i < max_vrrp_tracks; ++i) {
    ASSERT_EQ(o.say("vrrp front track eth" + std::to_string(i)), "");
  }
  EXPECT_EQ(o.say("vrrp front track more"), "expected at most 16 tracked interfaces in group front");
  EXPECT_EQ(o.say("no vrrp front track eth0"), "");
  EXPECT_EQ(o.group().track.size(), max_vrrp_tracks - 1);
  EXPECT_EQ(o.say("no vrrp front track eth0"), "group front has no tracked interface eth0");
}

TEST(GroupHmac, ComesWithItsKeyAndGoesWithIt) {
  operated o = with_group();
  EXPECT_EQ(o.say("vrrp front auth hmac /etc/k enforce key 7"), "");
  EXPECT_EQ(o.group().hmac, hmac_mode::enforce);
  EXPECT_EQ(o.group().hmac_key, "/etc/k");
  EXPECT_EQ(o.group().hmac_id, 7);
  EXPECT_EQ(o.say("vrrp front auth hmac /etc/l receive"), "");
  EXPECT_EQ(o.group().hmac, hmac_mode::receive);
  EXPECT_EQ(o.group().hmac_id, 1);
  EXPECT_EQ(o.say("no vrrp front auth"), "");
  EXPECT_EQ(o.group(), with_group().group());
}

TEST(ClusterKey, IsAFile) {
  operated o;
  EXPECT_EQ(o.say("cluster key /etc/k"), "");
  EXPECT_EQ(o.now.cluster_key, "/etc/k");
  EXPECT_EQ(o.say("cluster key /etc/k next /etc/l"), "");
  EXPECT_EQ(o.now.next_cluster_key, "/etc/l");
  EXPECT_EQ(write_config(o.now), "cluster key /etc/k next /etc/l\n");
  EXPECT_EQ(answer(o.now, *parse("cluster key", source::control)).pen, "/etc/k next /etc/l\n");
  EXPECT_EQ(o.say("cluster key /etc/l"), "") << "the other one is not accepted any more";
  EXPECT_EQ(o.now.next_cluster_key, "");
  EXPECT_EQ(o.say("no cluster key"), "");
  EXPECT_EQ(o.now.cluster_key, "");
}

}  // namespace

}  // namespace holdfast
