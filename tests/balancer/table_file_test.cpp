#include "balancer/table/table_file.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace holdfast {

namespace {

using bytes = std::vector<std::uint8_t>;

const table_file_head web{.service = "web", .capacity = 2048, .servers = {{1, "10.0.1.11:80"}, {7, "blue"}}};

std::vector<sync_entry> made_entries(std::size_t count, sync_number server = 7) {
  std::vector<sync_entry> all;
  for (std::uint32_t i = 0; i < count; ++i) {
    const stamp used = stamp_at(1'700'000'000'000 - std::uint64_t{i} * 7);
    all.push_back({.client = address::v4(0x0a000000 + i * 3), .server = server, .assigned = used - i, .used = used});
  }
  return all;
}

entry_source source_of(const std::vector<sync_entry>& all) {
  return [&all, at = std::size_t{0}](std::span<sync_entry> out) mutable {
    const std::size_t count = std::min(out.size(), all.size() - at);
    std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(at), count, out.begin());
    at += count;
    return count;
  };
}

bytes written(const std::vector<sync_entry>& all, const table_file_head& head = web) {
  bytes out;
  EXPECT_TRUE(write_table_file(head, source_of(all), [&](std::span<const std::uint8_t> more) {
    out.insert(out.end(), more.begin(), more.end());
    return true;
  }));
  return out;
}

struct reading_back {
  std::vector<sync_entry> entries;
  table_file_head head;
  std::size_t most_at_once = 0;
};

result<std::uint64_t, table_refusal> read(const bytes& file, reading_back& into, const std::string& service = "web") {
  return read_table_file(
      [&, at = std::size_t{0}](std::span<std::uint8_t> out) mutable {
        if (file.size() - at < out.size()) return false;
        std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(at), out.size(), out.begin());
        at += out.size();
        return true;
      },
      service,
      [&](const table_file_head& head, std::span<const sync_entry> some) {
        into.head = head;
        into.entries.insert(into.entries.end(), some.begin(), some.end());
        into.most_at_once = std::max(into.most_at_once, some.size());
      });
}

std::optional<table_refusal> refusal_of(const bytes& file, const std::string& service = "web") {
  reading_back ignored;
  const auto done = read(file, ignored, service);
  return done ? std::nullopt : std::optional(done.error());
}

void say(bytes& out, std::uint64_t value, std::size_t width) {
  while (width-- > 0) out.push_back(static_cast<std::uint8_t>(value >> 8 * width));
}

// Up to and with the number of servers, which is said to be `servers`.
bytes head_saying(std::uint32_t servers) {
  bytes out;
  for (const char c : std::string("holdfast clients")) out.push_back(static_cast<std::uint8_t>(c));
  say(out, table_file_version, 4);
  for (const char c : std::string("\3web")) out.push_back(static_cast<std::uint8_t>(c));
  say(out, 2048, 4);
  say(out, servers, 4);
  return out;
}

void seal(bytes& file) { say(file, crc32c(file), 4); }

TEST(TableFile, GivesBackWhatWasWritten) {
  for (const std::size_t count : {0U, 1U, 1000U, 1024U, 1025U, 50'000U}) {
    const auto all = made_entries(count);
    reading_back back;
    const auto done = read(written(all), back);
    ASSERT_TRUE(done) << count << ": " << describe(done.error());
    EXPECT_EQ(*done, count);
    EXPECT_EQ(back.entries, all);
    EXPECT_LE(back.most_at_once, 1024U);
    EXPECT_EQ(back.head, count > 0 ? web : table_file_head());
  }
}

TEST(TableFile, KeepsThoseWhoWereForgottenByOrder) {
  const auto all = made_entries(3, nobody);
  reading_back back;
  ASSERT_TRUE(read(written(all), back));
  EXPECT_EQ(back.entries, all);
}

TEST(TableFile, LeavesOutServersWithoutAName) {
  auto all = made_entries(3);
  all[1].server = 2;
  reading_back back;
  const auto done = read(written(all), back);
  ASSERT_TRUE(done);
  EXPECT_EQ(*done, 2U);
  EXPECT_EQ(back.entries, (std::vector<sync_entry>{all[0], all[2]}));
}

TEST(TableFile, IsRefusedWhereverItIsCut) {
  const bytes whole = written(made_entries(30));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(refusal_of({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)}),
              table_refusal::cut_short)
        << length;
  }
}

TEST(TableFile, IsRefusedWhicheverBitIsWrong) {
  const bytes whole = written(made_entries(30));
  for (std::size_t at = 0; at < whole.size() * 8; ++at) {
    bytes damaged = whole;
    damaged[at / 8] ^= static_cast<std::uint8_t>(1U << at % 8);
    EXPECT_TRUE(refusal_of(damaged)) << at;
  }
}

TEST(TableFile, SaysWhatIsWrong) {
  const bytes whole = written(made_entries(30));
  EXPECT_EQ(refusal_of(whole), std::nullopt);
  EXPECT_EQ(refusal_of(whole, "mail"), table_refusal::other_service);
  bytes other = whole;
  other[0] = 'H';
  EXPECT_EQ(refusal_of(other), table_refusal::no_table);
  other = whole;
  other[19] = table_file_version + 1;
  EXPECT_EQ(refusal_of(other), table_refusal::other_version);
  other = whole;
  other.back() ^= 1;
  EXPECT_EQ(refusal_of(other), table_refusal::bad_checksum);
  other = whole;
  other.push_back(0);
  EXPECT_EQ(refusal_of(other), table_refusal::too_long);
}

TEST(TableFile, RefusesServersThatCantBe) {
  EXPECT_EQ(refusal_of(head_saying(max_table_file_servers + 1)), table_refusal::bad_server);
  EXPECT_EQ(refusal_of(head_saying(max_table_file_servers)), table_refusal::cut_short);
  for (const std::uint32_t second : {nobody, 5U}) {
    bytes twice = head_saying(2);
    for (const std::uint32_t number : {5U, second}) {
      say(twice, number, 4);
      say(twice, 1, 1);
      twice.push_back('a');
    }
    EXPECT_EQ(refusal_of(twice), table_refusal::bad_server) << second;
  }
}

TEST(TableFile, RefusesBlocksThatCantBe) {
  bytes huge = head_saying(0);
  say(huge, table_file_block + 1, 4);
  EXPECT_EQ(refusal_of(huge), table_refusal::bad_entries);
  bytes broken = head_saying(0);
  say(broken, 40, 4);
  broken.insert(broken.end(), 40, 0xff);
  EXPECT_EQ(refusal_of(broken), table_refusal::bad_entries);
}

TEST(TableFile, RefusesAWrongCount) {
  bytes file = head_saying(0);
  say(file, 0, 4);
  say(file, 1, 8);
  seal(file);
  EXPECT_EQ(refusal_of(file), table_refusal::bad_count);
}

TEST(TableFile, SaysThatTheSinkHasFailed) {
  const auto all = made_entries(20'000);
  std::size_t taken = 0;
  const auto done = write_table_file(web, source_of(all), [&](std::span<const std::uint8_t> more) {
    taken += more.size();
    return taken < 1000;
  });
  EXPECT_FALSE(done);
  EXPECT_LT(taken, 2 * table_file_block);
}

TEST(TableFile, TakesNamesOfTheGreatestLength) {
  const table_file_head head{.service = std::string(max_table_file_name, 's'),
                             .capacity = 1,
                             .servers = {{7, std::string(max_table_file_name, 'x')}}};
  reading_back back;
  ASSERT_TRUE(read(written(made_entries(1), head), back, head.service));
  EXPECT_EQ(back.head, head);
}

TEST(TableFileDeathTest, ANameTooLongIsOurBug) {
  const std::vector<sync_entry> none;
  const auto write = [&](const std::string& name) {
    write_table_file({.service = name, .capacity = 1, .servers = {}}, source_of(none), [](auto) { return true; });
  };
  EXPECT_DEATH(write(std::string(max_table_file_name + 1, 's')), "");
}

// RFC 3720, B.4.
TEST(Crc32c, IsThatOfTheStandard) {
  EXPECT_EQ(crc32c(bytes(32, 0)), 0x8a9136aaU);
  EXPECT_EQ(crc32c(bytes(32, 0xff)), 0x62a8ab43U);
  bytes rising(32);
  for (std::uint8_t i = 0; i < 32; ++i) rising[i] = i;
  EXPECT_EQ(crc32c(rising), 0x46dd794eU);
  const std::span<const std::uint8_t> all(rising);
  EXPECT_EQ(crc32c(all.subspan(5), crc32c(all.first(5))), crc32c(all));
}

}  // namespace

}  // namespace holdfast
