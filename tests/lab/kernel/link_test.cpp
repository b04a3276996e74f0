// Interfaces and addresses: found, and told of when they change.
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>

#include <algorithm>

#include "tests/lab/kernel/two_nodes.h"
#include "tests/lab/socket_address_io.h"
#include "vrrp/kernel/lease_io.h"
#include "vrrp/kernel/link_io.h"

namespace holdfast::lab {
namespace {

using ::testing::HasSubstr;

// Watches host a and keeps in mind what it was told.
struct watcher {
  explicit watcher(node& n) : where(n) {
    inside(n.machine, [&] {
      watch.emplace(io, link_watch::listener{
                            .link_changed = [this](const link_state& l) { links.push_back(l); },
                            .link_gone = [this](int index) { gone.push_back(index); },
                            .address_added = [this](const address_state& a) { added.push_back(a); },
                            .address_removed = [this](const address_state& a) { removed.push_back(a); },
                            .resync =
                                [this](std::span<const link_state> l, std::span<const address_state> a) {
                                  ++resyncs;
                                  links.assign(l.begin(), l.end());
                                  added.assign(a.begin(), a.end());
                                },
                        });
    });
    EXPECT_TRUE(watch->start());
  }

  bool soon(const std::function<bool()>& claim) {
    return eventually([&] {
      io.restart();
      io.poll();
      return claim();
    });
  }

  bool last_carrier() const {
    const auto found = std::find_if(links.rbegin(), links.rend(), [this](auto& l) { return l.index == where.index; });
    return found != links.rend() && found->carrier;
  }

  static bool has(const std::vector<address_state>& list, const char* host) {
    return std::ranges::find(list, at(host), &address_state::host) != list.end();
  }

  node& where;
  boost::asio::io_context io;
  std::vector<link_state> links;
  std::vector<int> gone;
  std::vector<address_state> added, removed;
  int resyncs = 0;
  std::optional<link_watch> watch;
};

TEST(Link, IsFoundByItsName) {
  two_nodes net;
  const auto found = net.a.kernel.find("eth0");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->index, net.a.index);
  EXPECT_EQ(found->name, "eth0");
  EXPECT_EQ(found->mtu, 1500U);
  EXPECT_EQ(found->kind, "veth");
  EXPECT_TRUE(found->up && found->carrier);
  const wiretap tap(net.b.machine);
  const socket_address peer(endpoint{.host = net.b.own4, .port = 9, .path = {}});
  const descriptor s = net.a.machine.socket(AF_INET, SOCK_DGRAM);
  ASSERT_EQ(sendto(s.get(), "x", 1, 0, peer.get(), peer.length), 1);
  const auto frame = tap.next([](const bytes& f) { return ether_type(f) == ETH_P_IP; });
  ASSERT_FALSE(frame.empty());
  EXPECT_EQ(source_of(frame), found->mac);
}

TEST(Link, ThatIsNotThereIsASentence) {
  two_nodes net;
  EXPECT_EQ(net.a.kernel.find("eth7").error(), "there is no interface eth7");
  EXPECT_THAT(net.a.kernel.find("far-too-long-a-name").error(), HasSubstr("can't be the name"));
}

TEST(Link, GivesTheAddressesThatAdvertsComeFrom) {
  two_nodes net;
  const auto all = must(net.a.kernel.addresses());
  EXPECT_EQ(primary_of(all, net.a.index, {}), net.a.own4);
  EXPECT_EQ(link_local_of(all, net.a.index, {}), net.a.link_local);
  EXPECT_EQ(primary_of(all, net.a.index, std::vector{net.a.own4}), net.a.own4) << "the box's own, even so";
}

TEST(LinkWatch, TellsAtStartWhatIsThere) {
  two_nodes net;
  watcher w(net.a);
  EXPECT_EQ(w.resyncs, 1);
  EXPECT_TRUE(w.last_carrier());
  EXPECT_TRUE(w.has(w.added, "10.0.0.1") && w.has(w.added, "fd00::1"));
}

TEST(LinkWatch, TellsWhenTheCableIsPulledAndPutBack) {
  two_nodes net;
  watcher w(net.a);
  net.net.cut(net.a.machine);
  EXPECT_TRUE(w.soon([&] { return !w.last_carrier(); }));
  EXPECT_TRUE(w.links.back().up);
  net.net.heal(net.a.machine);
  EXPECT_TRUE(w.soon([&] { return w.last_carrier(); }));
  EXPECT_EQ(w.resyncs, 1);
}

TEST(LinkWatch, TellsWhenTheInterfaceIsTakenDown) {
  two_nodes net;
  watcher w(net.a);
  net.a.ip("link set eth0 down");
  EXPECT_TRUE(w.soon([&] { return !w.links.back().up; }));
  EXPECT_FALSE(w.links.back().carrier);
}

TEST(LinkWatch, TellsWhenAddressesComeAndGo) {
  two_nodes net;
  watcher w(net.a);
  w.added.clear();
  put_addresses(net.a.kernel, std::vector<leased_address>{{net.a.index, at("10.0.0.80"), 24}}, 10s);
  ASSERT_TRUE(w.soon([&] { return w.has(w.added, "10.0.0.80"); }));
  EXPECT_EQ(w.added.back().origin, our_origin);
  EXPECT_EQ(w.added.back().length, 24);
  EXPECT_EQ(w.added.back().index, net.a.index);
  net.a.ip("address del 10.0.0.80/24 dev eth0");
  net.a.ip("address del fd00::1/64 dev eth0");
  EXPECT_TRUE(w.soon([&] { return w.has(w.removed, "10.0.0.80") && w.has(w.removed, "fd00::1"); }));
}

TEST(LinkWatch, TellsWhenAnInterfaceIsGone) {
  two_nodes net;
  net.a.ip("link add spare type veth peer name other");
  const int index = net.a.kernel.find("spare")->index;
  watcher w(net.a);
  net.a.ip("link del spare");
  EXPECT_TRUE(w.soon([&] { return std::ranges::count(w.gone, index) == 1; }));
}

// A port that leaves its bridge is told of as a link that is deleted, in the words of the bridge.
TEST(LinkWatch, DoesNotTakeAPortThatLeavesItsBridgeForGone) {
  two_nodes net;
  net.a.ip("link add bridge0 type bridge");
  net.a.ip("link set eth0 master bridge0");
  watcher w(net.a);
  net.a.ip("link set eth0 nomaster");
  net.a.ip("link del bridge0");
  EXPECT_TRUE(w.soon([&] { return !w.gone.empty(); }));
  EXPECT_EQ(std::ranges::count(w.gone, net.a.index), 0);
}

TEST(LinkWatch, ReadsEverythingAgainWhenItMissedSomething) {
  two_nodes net;
  std::vector<leased_address> many;
  for (int i = 1; i <= 250; ++i) many.push_back({net.a.index, at("10.9.0." + std::to_string(i)), 32});
  watcher w(net.a);
  for (int i = 0; i < 120; ++i) renew_addresses(net.a.kernel, many, 60s);
  remove_addresses(net.a.kernel, std::span(many).first(249));
  ASSERT_TRUE(w.soon([&] { return w.resyncs == 2; }));
  EXPECT_TRUE(w.has(w.added, "10.9.0.250"));
  EXPECT_FALSE(w.has(w.added, "10.9.0.249"));
  net.a.ip("address del 10.9.0.250/32 dev eth0");  // and it goes on
  EXPECT_TRUE(w.soon([&] { return w.has(w.removed, "10.9.0.250"); }));
}

}  // namespace
}  // namespace holdfast::lab
