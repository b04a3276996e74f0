#include "sync/packed.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdio>
#include <functional>

#include "base/ensure.h"
#include "tests/sync/any_message.h"

namespace holdfast {

namespace {

using bytes = std::vector<std::uint8_t>;
using entries = std::vector<sync_entry>;

constexpr unix_ms noon = 1'700'000'000'000;
constexpr std::size_t most_bytes = 48;  // of one entry, as the header says

bytes pack(const entries& all) {
  entry_packer packer(all.size() * most_bytes + 64);
  for (const sync_entry& e : all) ensure(packer.add(e));
  EXPECT_EQ(packer.count(), all.size());
  return packer.take();
}

entries unpack(const bytes& packed, bool broken = false) {
  entry_reader reader(packed);
  entries out;
  while (const auto e = reader.next()) out.push_back(*e);
  EXPECT_EQ(reader.broken(), broken);
  EXPECT_FALSE(reader.next()) << "the end remains the end";
  return out;
}

// The example of docs/sync-protocol.md.
const entries example{
    {*address::parse("192.0.2.1"), 1, stamp_at(noon) + 2, stamp_at(noon) + 2},
    {*address::parse("192.0.2.2"), 300, stamp_at(noon - 1 - 600'000), stamp_at(noon - 1)},
    {*address::parse("2001:db8::1"), nobody, stamp_at(noon - 1), stamp_at(noon - 1)},
};
const bytes example_bytes{0x61, 0xc0, 0x00, 0x02, 0x01, 0x80, 0xa0, 0xab, 0xfe, 0xf9, 0x62, 0x04,  //
                          0xaf, 0xac, 0x02, 0xc0, 0x00, 0x02, 0x02, 0x01, 0x80, 0x9f, 0x49,        //
                          0x10, 0x20, 0x01, 0x0d, 0xb8, 0,    0,    0,    0,    0,    0,    0,    0, 0, 0, 0, 1};

TEST(Packed, HasTheBytesOfTheDocument) {
  EXPECT_EQ(pack(example), example_bytes);
  EXPECT_EQ(unpack(example_bytes), example);
}

TEST(Packed, OfNothingIsNothing) {
  EXPECT_TRUE(pack({}).empty());
  EXPECT_TRUE(unpack({}).empty());
}

TEST(Packed, CutAnywhereIsBrokenUnlessBetweenEntries) {
  for (std::size_t size = 0; size < example_bytes.size(); ++size) {
    const bytes cut(example_bytes.begin(), example_bytes.begin() + static_cast<std::ptrdiff_t>(size));
    const std::size_t whole = size < 12 ? 0 : size < 23 ? 1 : 2;
    const bool between = size == 0 || size == 12 || size == 23;
    EXPECT_EQ(unpack(cut, !between), entries(example.begin(), example.begin() + static_cast<std::ptrdiff_t>(whole)));
  }
}

TEST(Packed, HoldsTheGreatestOfEverythingInFewBytes) {
  const address v6 = *address::parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  const sync_number most = ~sync_number{0};
  const stamp late = ~stamp{0};
  const entries all{{v6, most, 0xffff, late}, {v6, most, 1, late - 0xffff}, {v6, most, 0, 1}, {v6, most, 1, late}};
  const bytes packed = pack(all);
  EXPECT_EQ(unpack(packed), all);
  EXPECT_LE(packed.size(), all.size() * most_bytes);
  for (const sync_entry& e : all) EXPECT_LE(pack({e}).size(), most_bytes);
}

TEST(Packed, NamesFifteenServersInItsFirstByte) {
  for (const sync_number server : {0U, 14U, 15U, 127U, 128U, ~0U}) {
    const sync_entry e{address::v4(1), server, 0, 0};
    const bytes packed = pack({e});
    EXPECT_EQ(packed.size(), server < 15 ? 5U : server < 128 ? 6U : server == 128 ? 7U : 10U);
    EXPECT_EQ(unpack(packed), entries{e});
  }
}

TEST(Packed, IsFullAtItsLimit) {
  const sync_entry first{address::v4(1), 1, stamp_at(noon), stamp_at(noon)};
  const sync_entry next{address::v4(2), 1, stamp_at(noon), stamp_at(noon)};
  entry_packer packer(64);
  EXPECT_TRUE(packer.add(first));                              // 1 + 4 + 6 bytes
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(packer.add(next));  // 5 each
  EXPECT_FALSE(packer.add(next)) << "61 + 5 bytes";
  EXPECT_EQ(packer.count(), 11U);
  entries all(11, next);
  all.front() = first;
  EXPECT_EQ(unpack(packer.take()), all) << "and of what was too much nothing was added";
}

TEST(Packed, BeginsAnewWhenTaken) {
  entry_packer packer(64);
  const sync_entry e{address::v4(1), 1, stamp_at(noon), stamp_at(noon) + 7};
  EXPECT_TRUE(packer.add(e));
  const bytes once = packer.take();
  EXPECT_EQ(packer.count(), 0U);
  EXPECT_TRUE(packer.take().empty());
  EXPECT_TRUE(packer.add(e));
  EXPECT_EQ(packer.take(), once);
}

TEST(Packed, TakesOnlyWhatIsWellFormed) {
  entry_packer packer(64);
  EXPECT_DEATH(packer.add({address::v4(1), 1, 2, 1}), "broken invariant") << "used before assigned";
  EXPECT_DEATH(entry_packer(63), "broken invariant");
}

TEST(Packed, RefusesStampsThatAreNone) {
  const auto broken = [](const bytes& packed) { EXPECT_TRUE(unpack(packed, true).empty()); };
  broken({0x20, 1, 2, 3, 4, 1});                                            // 1 ms before 1970
  broken({0x20, 1, 2, 3, 4, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1});  // 2^48 ms
  broken({0x40, 1, 2, 3, 4, 1});                                            // a counter of -1
  broken({0x40, 1, 2, 3, 4, 0x80, 0x80, 0x08});                             // 2^16
  broken({0xa0, 1, 2, 3, 4, 2, 4});                                         // assigned 2 ms before 1 ms
  broken({0x80, 1, 2, 3, 4, 1, 1});                                         // assigned after used by a counter
  broken({0xa0, 1, 2, 3, 4, 2, 3, 0x80, 0x80, 0x04});                       // assigned a counter of 2^16
  const auto most = unpack({0x60, 1, 2, 3, 4, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xfe, 0xff, 0x07});
  ASSERT_EQ(most.size(), 1U);
  EXPECT_EQ(most[0].used, ~stamp{0});
}

TEST(Packed, RefusesNumbersTooLong) {
  EXPECT_TRUE(unpack({0x0f, 0x80, 0x80, 0x80, 0x80, 0x10, 1, 2, 3, 4}, true).empty()) << "server 2^32";
  bytes endless(30, 0x80);
  endless.front() = 0x0f;
  EXPECT_TRUE(unpack(endless, true).empty());
  const auto padded = unpack({0x0f, 0x81, 0x80, 0x80, 0, 1, 2, 3, 4});
  ASSERT_EQ(padded.size(), 1U) << "longer than it need be is no harm";
  EXPECT_EQ(padded[0].server, 1U);
}

TEST(Packed, GivesIPv4AsMappedAddress) {
  bytes packed{0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
  const auto long_way = unpack(packed);
  const auto short_way = unpack({0x00, 192, 0, 2, 1});
  ASSERT_EQ(long_way.size(), 1U);
  EXPECT_EQ(long_way, short_way);
  EXPECT_EQ(long_way[0].client, address::v4(0xc0000201));
}

sync_entry any_entry(dice& d, stamp near) {
  sync_entry e;
  address::bytes_type client{};
  for (std::uint8_t& byte : client) byte = d.number<std::uint8_t>();
  e.client = d.flip() ? address(client) : address::v4(d.number<std::uint32_t>());
  e.server = d.number<sync_number>();
  e.used = d.flip() ? d.number() : near + d.below(1 << 18);
  e.assigned = d.flip() ? e.used : e.used - d.number() % (e.used + 1);
  return e;
}

TEST(PackedProperty, ReadsBackAsItWasSaid) {
  for (unsigned seed = 0; seed < 2'000; ++seed) {
    dice d(seed);
    entries all(d.below(50));
    for (sync_entry& e : all) e = any_entry(d, stamp_at(noon));
    if (d.flip()) std::ranges::sort(all, std::greater(), &sync_entry::used);
    const bytes packed = pack(all);
    ASSERT_LE(packed.size(), all.size() * most_bytes) << "seed " << seed;
    ASSERT_EQ(unpack(packed), all) << "seed " << seed;
  }
}

// Bytes by chance, or entries of which some bytes were changed.
bytes any_bytes(dice& d) {
  if (d.flip()) return d.bytes(4'000);
  entries all(1 + d.below(20));
  for (sync_entry& e : all) e = any_entry(d, stamp_at(noon));
  bytes packed = pack(all);
  for (std::size_t i = 0; i <= d.below(3); ++i) packed[d.below(packed.size())] ^= d.number<std::uint8_t>();
  return packed;
}

TEST(PackedProperty, GivesWellFormedEntriesWhateverItsBytes) {
  std::size_t given = 0;
  std::size_t broken = 0;
  for (unsigned seed = 0; seed < 5'000; ++seed) {
    dice d(seed);
    const bytes packed = any_bytes(d);
    entry_reader reader(packed);
    for (; const auto e = reader.next(); ++given) ASSERT_LE(e->assigned, e->used) << "seed " << seed;
    if (reader.broken()) ++broken;
  }
  EXPECT_GT(given, 5'000U);
  EXPECT_GT(broken, 2'000U);
}

// The size of packed entries: bytes for each of a thousand clients that follow each other with `next`.
double bytes_each(const char* what, const std::function<sync_entry(std::uint32_t)>& next) {
  entries all;
  for (std::uint32_t i = 0; i < 1'000; ++i) all.push_back(next(i));
  const bytes packed = pack(all);
  EXPECT_EQ(unpack(packed), all);
  const double each = static_cast<double>(packed.size()) / static_cast<double>(all.size());
  std::printf("%-52s %5.2f bytes an entry\n", what, each);
  return each;
}

address random_v4(std::uint32_t i) { return address::v4(i * 2'654'435'761U); }
address random_v6(std::uint32_t i) {
  auto b = address::parse("2001:db8::")->bytes();
  for (std::size_t k = 4; k < b.size(); ++k) b[k] = static_cast<std::uint8_t>(i * 2'654'435'761U >> k);
  return address(b);
}

TEST(PackedSize, OfASnapshotIsSevenBytesAClient) {
  const auto at = [](const address& client, sync_number server, stamp when) {
    return sync_entry{client, server, when, when};
  };
  EXPECT_LE(bytes_each("snapshot, 1 a ms", [&](auto i) { return at(random_v4(i), 1 + i % 14, stamp_at(noon - i)); }),
            6.1);
  EXPECT_LE(bytes_each("snapshot, 1 a ms, with counters",
                       [&](auto i) { return at(random_v4(i), 1 + i % 14, stamp_at(noon - i) + 1 + i % 5); }),
            7.1);
  const auto busy = [](std::uint32_t i) { return stamp_at(noon - i / 10) + (9 - i % 10); };
  EXPECT_LE(bytes_each("snapshot, 10 a ms", [&](auto i) { return at(random_v4(i), 1 + i % 14, busy(i)); }), 6.2);
  EXPECT_LE(
      bytes_each("snapshot, 10 a ms, 100 servers", [&](auto i) { return at(random_v4(i), 1 + i % 100, busy(i)); }),
      7.2);
  EXPECT_LE(bytes_each("snapshot, 10 a ms, 1000 servers", [&](auto i) { return at(random_v4(i), 1 + i, busy(i)); }),
            8.2);
  EXPECT_LE(bytes_each("snapshot, 10 a ms, wall clock behind: all in counters",
                       [&](auto i) { return at(random_v4(i), 1, stamp_at(noon) + 9'999 - i); }),
            6.2);
  EXPECT_LE(bytes_each("snapshot, 10 a s", [&](auto i) { return at(random_v4(i), 1, stamp_at(noon - 100ULL * i)); }),
            7.1);
  EXPECT_LE(bytes_each("snapshot, 10 a ms, IPv6", [&](auto i) { return at(random_v6(i), 1 + i % 14, busy(i)); }), 18.2);
}

TEST(PackedSize, OfAReturnedClientIsElevenBytesAtMost) {
  const auto back = [](std::uint32_t i, unix_ms away) {
    return sync_entry{random_v4(i), 1 + i % 14, stamp_at(noon - i - away), stamp_at(noon - i)};
  };
  EXPECT_LE(bytes_each("returned after 1 to 15 minutes", [&](auto i) { return back(i, 60'000 + i * 840ULL); }), 9.1);
  EXPECT_LE(bytes_each("returned after 1 to 24 hours", [&](auto i) { return back(i, 3'600'000 + i * 82'000ULL); }),
            10.1);
  EXPECT_LE(bytes_each("returned after 1 to 179 days", [&](auto i) { return back(i, 86'400'000 + i * 15'400'000ULL); }),
            11.1);
}

}  // namespace

}  // namespace holdfast
