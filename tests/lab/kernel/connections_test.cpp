// Connections that end because the address under them is about to leave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/clock_io.h"
#include "tests/lab/clients.h"
#include "tests/lab/kernel/two_nodes.h"
#include "tests/lab/socket_address_io.h"
#include "vrrp/kernel/connections_io.h"
#include "vrrp/kernel/lease_io.h"

namespace holdfast::lab {
namespace {

// A program of a that takes connections at all its addresses, of both families, and holds them.
class taker {
 public:
  explicit taker(const host& where) {
    listener_ = inside(where, [] { return descriptor(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)); });
    const socket_address any(endpoint{.host = at("::"), .port = 80, .path = {}});
    EXPECT_EQ(::bind(listener_.get(), any.get(), any.length), 0);
    EXPECT_EQ(::listen(listener_.get(), 4096), 0);
  }
  conversation take() { return conversation(descriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC))); }

 private:
  descriptor listener_;
};

struct both_ends {
  conversation client, server;
  both_ends(two_nodes& net, taker& at_a, const address& to)
      : client(net.b.machine, address(), endpoint{.host = to, .port = 80, .path = {}}), server(at_a.take()) {}
};

TEST(Connections, EndAtAnAddressThatLeavesAndAtNoOther) {
  two_nodes net;
  const std::vector<leased_address> front{{net.a.index, at("10.0.0.80"), 24}, {net.a.index, at("fd00::80"), 64}};
  put_addresses(net.a.kernel, front, 10s);
  taker here(net.a.machine);
  both_ends four(net, here, at("10.0.0.80")), six(net, here, at("fd00::80"));
  both_ends stays4(net, here, net.a.own4), stays6(net, here, net.a.own6);
  const std::vector<address> leaving{at("10.0.0.80"), at("fd00::80")};
  const auto ended = inside(net.a.machine, [&] { return end_connections(leaving, 1s); });
  EXPECT_EQ(ended.count, 2U);
  EXPECT_TRUE(ended.all);
  EXPECT_EQ(ended.trouble, "");
  for (both_ends* one : {&four, &six}) {
    EXPECT_EQ(one->client.receive(1), "");
    EXPECT_EQ(one->client.trouble(), "(reset)");
    EXPECT_EQ(one->server.receive(1), "");
  }
  for (both_ends* one : {&stays4, &stays6}) {
    EXPECT_TRUE(one->client.send("x"));
    EXPECT_EQ(one->server.receive(1), "x");
  }
  both_ends again(net, here, at("10.0.0.80"));
  EXPECT_EQ(again.client.trouble(), "") << "who listens there still does";
}

TEST(Connections, EndInTheirThousands) {
  constexpr int many = 5000;
  two_nodes net;
  const leased_address front{net.a.index, at("10.0.0.80"), 24};
  put_addresses(net.a.kernel, std::span(&front, 1), 30s);
  taker here(net.a.machine);
  std::vector<both_ends> all;
  for (int i = 0; i < many; ++i) all.emplace_back(net, here, front.host);
  const std::vector<address> leaving{front.host};
  const instant began = monotonic_now();
  const auto ended = inside(net.a.machine, [&] { return end_connections(leaving, 10s); });
  std::printf("[  figure  ] %zu connections ended in %.1f ms\n", ended.count,
              std::chrono::duration<double, std::milli>(monotonic_now() - began).count());
  EXPECT_EQ(ended.count, many);
  for (both_ends& one : all) EXPECT_EQ(one.client.receive(1), "");
}

TEST(Connections, EndNoLongerThanTheyMay) {
  constexpr int many = 1000;
  two_nodes net;
  const leased_address front{net.a.index, at("10.0.0.80"), 24};
  put_addresses(net.a.kernel, std::span(&front, 1), 30s);
  taker here(net.a.machine);
  std::vector<both_ends> all;
  for (int i = 0; i < many; ++i) all.emplace_back(net, here, front.host);
  const std::vector<address> leaving{front.host};
  const auto ended = inside(net.a.machine, [&] { return end_connections(leaving, 0s); });
  EXPECT_FALSE(ended.all);
  EXPECT_GT(ended.count, 0U);
  EXPECT_LT(ended.count, many);
}

}  // namespace
}  // namespace holdfast::lab
