#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "balancer/choice/pool.h"
#include "balancer/table/table_file_io.h"
#include "tests/balancer_io/peer.h"
#include "tests/cli_io/served.h"

namespace holdfast {

namespace {

namespace fs = std::filesystem;

constexpr unix_ms today = 1'700'000'000'000;

void know(client_table& table) {
  table.know(1, identity_hash("a"));
  table.know(2, identity_hash("b"));
}

kept_table made_table(std::uint32_t clients, std::uint32_t capacity = 100'000) {
  kept_table made{
      .service = "web", .clients = std::make_shared<client_table>(capacity, 1), .servers = {{1, "a"}, {2, "b"}}};
  know(*made.clients);
  for (std::uint32_t i = 0; i < clients; ++i) made.clients->settle(address::v4(i + 1), 1 + i % 2, today + i);
  return made;
}

bool always() { return true; }

// A folder, and what a table that starts there knows.
class disk {
 public:
  std::string path() const { return folder_.file("web.clients"); }
  std::string directory() const { return fs::path(path()).parent_path(); }
  std::string text() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& text) const { std::ofstream(path(), std::ios::binary) << text; }
  result<std::uint64_t, std::string> save(const kept_table& what) const {
    return save_table(directory(), what, always);
  }
  result<restored, std::string> restore(client_table& into,
                                        const std::map<std::string, server_id>& ids = {{"a", 1}, {"b", 2}}) const {
    return restore_table(directory(), "web", ids, today + 3'600'000, into);
  }

 private:
  folder folder_;
};

TEST(TableFileIo, RestoresWhatWasSaved) {
  const disk d;
  const kept_table before = made_table(20'000);
  const auto saved = d.save(before);
  ASSERT_TRUE(saved) << saved.error();
  EXPECT_EQ(*saved, 20'000U);
  client_table after(100'000, 2);
  know(after);
  const auto found = d.restore(after);
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->entries, 20'000U);
  EXPECT_EQ(found->dropped, 0U);
  EXPECT_EQ(after.size(), 20'000U);
  const auto then = before.clients->recent(0, 20'000), now = after.recent(0, 20'000);
  ASSERT_EQ(now.size(), then.size());
  for (std::size_t i = 0; i < then.size(); ++i) {
    ASSERT_EQ(now[i].client, then[i].client) << i;
    ASSERT_EQ(now[i].server, then[i].server) << i;
    ASSERT_EQ(now[i].assigned, then[i].assigned) << i;
    ASSERT_EQ(now[i].used, then[i].used) << i;
  }
  std::uint32_t one = 0, two = 0;
  EXPECT_EQ(after.digest(one), before.clients->digest(two));
}

TEST(TableFileIo, IsNobodyElsesToRead) {
  const disk d;
  d.write("open to all");
  fs::permissions(d.path(), fs::perms(0644));
  ASSERT_TRUE(d.save(made_table(3)));
  struct stat about{};
  ASSERT_EQ(stat(d.path().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST(TableFileIo, MeansServersByTheirIdentity) {
  const disk d;
  ASSERT_TRUE(d.save(made_table(10)));
  client_table after(100, 2);
  after.know(77, identity_hash("b"));
  after.know(1, identity_hash("c"));
  const auto found = d.restore(after, {{"b", 77}, {"c", 1}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->entries, 5U);
  EXPECT_EQ(found->dropped, 5U);
  EXPECT_EQ(after.look(address::v4(2))->server, 77U);
  EXPECT_FALSE(after.look(address::v4(1)));
}

TEST(TableFileIo, KeepsTheNewestWhenTheTableIsSmallerNow) {
  const disk d;
  ASSERT_TRUE(d.save(made_table(5000)));
  client_table after(100, 2);
  know(after);
  ASSERT_TRUE(d.restore(after));
  const auto known = after.recent(0, 5000);
  ASSERT_EQ(known.size(), 100U);
  EXPECT_EQ(known.front().client, address::v4(5000));
  EXPECT_EQ(known.back().client, address::v4(4901));
}

TEST(TableFileIo, WithoutAFileNothingIsRestored) {
  const disk d;
  client_table after(100, 2);
  know(after);
  const auto found = d.restore(after);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->entries, 0U);
}

TEST(TableFileIo, NothingOfADamagedFileIsBelieved) {
  const disk d;
  ASSERT_TRUE(d.save(made_table(20'000)));
  const std::string whole = d.text();
  std::string damaged = whole;
  damaged[whole.size() - 100] ^= 1;
  for (const std::string& text : {damaged, whole.substr(0, whole.size() / 2), std::string(), whole + "x"}) {
    d.write(text);
    client_table after(100'000, 2);
    know(after);
    const auto found = d.restore(after);
    ASSERT_FALSE(found);
    EXPECT_FALSE(found.error().empty());
    EXPECT_EQ(after.size(), 0U);
  }
}

TEST(TableFileIo, WhatIsNoFileIsRefused) {
  const disk d;
  client_table after(100, 2);
  know(after);
  fs::create_directory(d.path());
  EXPECT_EQ(d.restore(after).error(), "expected a regular file");
  fs::remove(d.path());
  fs::create_symlink("/etc/hostname", d.path());
  EXPECT_FALSE(d.restore(after));
}

TEST(TableFileIo, AnInterruptedWriteLeavesTheFormer) {
  const disk d;
  ASSERT_TRUE(d.save(made_table(10)));
  const std::string former = d.text();
  int pieces = 0;
  EXPECT_FALSE(save_table(d.directory(), made_table(20'000), [&] { return ++pieces < 5; }));
  EXPECT_EQ(pieces, 5);
  EXPECT_EQ(d.text(), former);
  EXPECT_FALSE(fs::exists(d.path() + ".new"));
}

TEST(TableFileIo, SaysWhyItCantWrite) {
  const auto done = save_table("/nowhere/at/all", made_table(1), always);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), "can't write /nowhere/at/all/web.clients: No such file or directory");
}

TEST(TableFileIo, AFullDiskLeavesTheFormer) {
  const disk d;
  ASSERT_TRUE(d.save(made_table(10)));
  const std::string former = d.text();
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit little{.rlim_cur = 10'000, .rlim_max = before.rlim_max};
  std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &little);
  const auto done = d.save(made_table(20'000));
  setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), "can't write " + d.path() + ": File too large");
  EXPECT_EQ(d.text(), former);
  EXPECT_FALSE(fs::exists(d.path() + ".new"));
}

// What moves meanwhile may be left out, but all that is there is right, and a quiet table is complete.
TEST(TableFileIo, IsWrittenWhileTheTableIsInUse) {
  const disk d;
  const kept_table busy = made_table(5000, 5000);
  const auto restored_size = [&] {
    client_table after(5000, 2);
    know(after);
    const auto saved = d.save(busy);
    const auto found = d.restore(after);
    EXPECT_TRUE(saved && found && found->entries == *saved && found->dropped == 0);
    return after.size();
  };
  std::atomic<bool> enough = false;
  std::thread working([&] {
    for (std::uint32_t i = 0; !enough; ++i) busy.clients->settle(address::v4(1 + i % 8000), 1 + i % 2, today + 10'000);
  });
  for (int i = 0; i < 20; ++i) EXPECT_LE(restored_size(), 5000U);
  enough = true;
  working.join();
  EXPECT_EQ(restored_size(), 5000U);
}

}  // namespace

}  // namespace holdfast
