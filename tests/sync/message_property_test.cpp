#include <gmock/gmock.h>

#include "tests/sync/any_message.h"

namespace holdfast {

namespace {

TEST(SyncMessageProperty, ReadsBackAsItWasSaid) {
  std::vector<int> of_kind(std::variant_size_v<sync_messages::type>);
  for (unsigned seed = 0; seed < 5'000; ++seed) {
    dice d(seed);
    const sync_message what = any_message(d);
    const auto frame = encode(what);
    ASSERT_LE(frame.size(), sync_frame_limit) << "seed " << seed;
    const auto read = decode_sync(frame);
    ASSERT_TRUE(read) << "seed " << seed << ": " << describe(read.error());
    ASSERT_EQ(*read, what) << "seed " << seed;
    ++of_kind[what.index()];
  }
  EXPECT_THAT(of_kind, testing::Each(testing::Gt(100)));
}

TEST(SyncMessageProperty, IsRefusedOrReadWhateverItsBytes) {
  int refused = 0;
  for (unsigned seed = 0; seed < 5'000; ++seed) {
    dice d(seed);
    auto frame = encode(any_message(d));
    for (std::size_t i = 0; i <= d.below(4); ++i) {
      frame[d.below(std::min<std::size_t>(frame.size(), 64))] = d.number<std::uint8_t>();
    }
    if (d.flip()) frame.resize(1 + d.below(frame.size()));
    const auto read = decode_sync(frame);
    if (!read) ++refused;
    if (!read) continue;
    const auto again = decode_sync(encode(*read));
    ASSERT_TRUE(again) << "seed " << seed;
    ASSERT_EQ(*again, *read) << "seed " << seed;
  }
  EXPECT_GT(refused, 500);
  EXPECT_LT(refused, 4'500);
}

}  // namespace

}  // namespace holdfast
