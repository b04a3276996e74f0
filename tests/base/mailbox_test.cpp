#include <gmock/gmock.h>
#include <poll.h>

#include <memory>
#include <thread>

#include "base/loop/mailbox_io.h"

namespace holdfast {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

bool rings(int fd, int milliseconds = 0) {
  pollfd asked{.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&asked, 1, milliseconds) == 1;
}

TEST(Mailbox, RingsUntilItIsDrained) {
  mailbox<int> box(8);
  EXPECT_FALSE(rings(box.fd()));
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(box.push(i));
  EXPECT_TRUE(rings(box.fd()));
  EXPECT_THAT(box.drain(), ElementsAre(1, 2, 3));
  EXPECT_FALSE(rings(box.fd()));
  EXPECT_THAT(box.drain(), IsEmpty());
}

TEST(Mailbox, RefusesWhatIsTooMuch) {
  mailbox<std::unique_ptr<int>> box(1);
  auto one = std::make_unique<int>(1), two = std::make_unique<int>(2);
  EXPECT_TRUE(box.push(one));
  EXPECT_FALSE(box.push(two));
  EXPECT_EQ(*two, 2);
  EXPECT_EQ(box.drain().size(), 1);
  EXPECT_TRUE(box.push(two));
}

TEST(Mailbox, LosesNothingBetweenThreads) {
  constexpr int letters = 20'000;
  mailbox<int> box(letters * 2);
  std::vector<std::thread> senders;
  for (int s = 0; s < 2; ++s) {
    senders.emplace_back([&] {
      for (int i = 0; i < letters; ++i) box.push(i);
    });
  }
  std::size_t read = 0;
  while (read < 2 * letters && rings(box.fd(), 20'000)) read += box.drain().size();
  for (std::thread& t : senders) t.join();
  EXPECT_EQ(read, 2 * letters);
}

}  // namespace

}  // namespace holdfast
