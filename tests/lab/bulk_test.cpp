// Gigabytes through one connection, byte for byte, with half-closed ends.
#include "tests/lab/bulk.h"

#include <future>

#include "base/clock_io.h"
#include "tests/lab/scene.h"

namespace holdfast::lab {
namespace {

std::uint64_t amount() {
  const std::uint64_t gib = 1ULL << 30;
  return long_form() ? 20 * gib : sanitized() ? gib / 2 : 2 * gib;
}

void expect_exact(const taken& got, std::uint64_t count) {
  EXPECT_EQ(got.trouble, "");
  EXPECT_EQ(got.count, count);
  EXPECT_FALSE(got.wrong_at) << "first wrong byte at " << *got.wrong_at;
}

// A server in the test itself, and a connection to it through the balancer.
struct pair_of_ends {
  testbed bed{0};
  host peer{"peer"};
  std::unique_ptr<watched_balancer> lb;
  std::optional<listener> server;
  std::optional<conversation> client;
  descriptor accepted;

  pair_of_ends() {
    bed.net().plug(peer);
    peer.address("eth0", "10.0.2.1/16");
    server.emplace(peer, at("10.0.2.1", 9000));
    lb = std::make_unique<watched_balancer>(
        bed, "service bulk\nlisten 192.0.2.80:9000\nserver 0 address 10.0.2.1 port 9000\n");
    client.emplace(bed.crowd(), at("10.9.0.1"), testbed::service4(9000));
    accepted = server->accept();
  }
};

TEST(Bulk, ArrivesExactlyInEachDirectionAfterAHalfClose) {
  pair_of_ends ends;
  const instant since = monotonic_now();
  auto sending = std::async(std::launch::async, [&] {
    const std::string trouble = send_pattern(ends.client->fd(), amount());
    ends.client->finish();  // half closed: the answer is still to come
    return trouble;
  });
  expect_exact(receive_pattern(ends.accepted.get()), amount());
  EXPECT_EQ(sending.get(), "");
  auto answering = std::async(std::launch::async, [&] {
    const std::string trouble = send_pattern(ends.accepted.get(), amount());
    ends.accepted.reset();
    return trouble;
  });
  expect_exact(receive_pattern(ends.client->fd()), amount());
  EXPECT_EQ(answering.get(), "");
  const double seconds = std::chrono::duration<double>(monotonic_now() - since).count();
  std::printf("[  figure  ] %.1f GiB each way: %.2f GiB/s\n", static_cast<double>(amount()) / (1ULL << 30),
              2 * static_cast<double>(amount()) / (1ULL << 30) / seconds);
}

TEST(Bulk, ArrivesExactlyWhenBothSendAtOnce) {
  pair_of_ends ends;
  const std::uint64_t count = amount() / 8;
  auto up = std::async(std::launch::async, [&] {
    const std::string trouble = send_pattern(ends.client->fd(), count);
    ends.client->finish();
    return trouble;
  });
  auto down = std::async(std::launch::async, [&] { return send_pattern(ends.accepted.get(), count); });
  auto received = std::async(std::launch::async, [&] { return receive_pattern(ends.accepted.get()); });
  auto closing = std::async(std::launch::async, [&] {
    const std::string trouble = down.get();
    expect_exact(received.get(), count);
    ends.accepted.reset();
    return trouble;
  });
  expect_exact(receive_pattern(ends.client->fd()), count);
  EXPECT_EQ(up.get(), "");
  EXPECT_EQ(closing.get(), "");
}

TEST(Bulk, WaitsForASlowReaderInBoundedMemory) {
  pair_of_ends ends;
  const std::size_t before = ends.lb->program().anonymous_memory();
  auto sending = std::async(std::launch::async, [&] {
    const std::string trouble = send_pattern(ends.client->fd(), 256ULL << 20);
    ends.client->finish();
    return trouble;
  });
  std::this_thread::sleep_for(1s);  // nobody reads: all that can be buffered is buffered
  EXPECT_LT(ends.lb->program().anonymous_memory() - before, 8U << 20);
  expect_exact(receive_pattern(ends.accepted.get()), 256ULL << 20);
  EXPECT_EQ(sending.get(), "");
}

}  // namespace
}  // namespace holdfast::lab
