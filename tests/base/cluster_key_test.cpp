#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/ensure.h"
#include "base/tls/cluster_key_io.h"

namespace holdfast {

namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A file in a folder of its own.
class ClusterKey : public testing::Test {
 protected:
  ClusterKey() {
    std::string pattern = "/tmp/holdfast-key-XXXXXX";
    ensure(mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    path = folder + "/cluster.key";
  }
  ~ClusterKey() override { std::filesystem::remove_all(folder); }

  void write(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(path) << text;
    chmod(path.c_str(), mode);
  }
  std::string text() const {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string refusal() const {
    const auto key = load_cluster_key(path);
    return key ? "" : key.error();
  }

  std::string folder;
  std::string path;
  const std::string digits = "00112233445566778899aAbBcCdDeEfF0123456789abcdef0123456789abcdef";
};

TEST_F(ClusterKey, IsMadeForItsOwnersEyesOnly) {
  const mode_t before = umask(0);
  const auto made = make_cluster_key(path);
  umask(before);
  ASSERT_TRUE(made) << made.error();
  struct stat found{};
  ASSERT_EQ(stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode, S_IFREG | 0600U);
  EXPECT_THAT(text(), testing::MatchesRegex("[0-9a-f]{64}\n"));
}

TEST_F(ClusterKey, IsReadAsItWasMade) {
  ASSERT_TRUE(make_cluster_key(path));
  const auto key = load_cluster_key(path);
  ASSERT_TRUE(key) << key.error();
  std::string again;
  for (const std::uint8_t byte : key->bytes()) {
    again += "0123456789abcdef"[byte >> 4];
    again += "0123456789abcdef"[byte & 15];
  }
  EXPECT_EQ(again + "\n", text());
}

TEST_F(ClusterKey, IsAnotherEachTime) {
  ASSERT_TRUE(make_cluster_key(path));
  const std::string first = text();
  std::filesystem::remove(path);
  ASSERT_TRUE(make_cluster_key(path));
  EXPECT_NE(text(), first);
}

TEST_F(ClusterKey, IsNeverOverwritten) {
  write("precious");
  const auto made = make_cluster_key(path);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error(), HasSubstr("exists already"));
  EXPECT_EQ(text(), "precious");
}

TEST_F(ClusterKey, IsNotWrittenThroughADanglingLink) {
  std::filesystem::create_symlink(folder + "/elsewhere", path);
  EXPECT_FALSE(make_cluster_key(path));
  EXPECT_FALSE(std::filesystem::exists(folder + "/elsewhere"));
}

TEST_F(ClusterKey, IsMadeWithItsFolder) {
  EXPECT_TRUE(make_cluster_key(folder + "/none/yet/cluster.key"));
  EXPECT_TRUE(load_cluster_key(folder + "/none/yet/cluster.key"));
}

TEST_F(ClusterKey, CanNotBeMadeWhereThereCanBeNoFolder) {
  write("a file");
  const auto made = make_cluster_key(path + "/cluster.key");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error(), HasSubstr("its directory " + path));
}

TEST_F(ClusterKey, IsReadInEitherCase) {
  write(digits + "\n");
  const auto key = load_cluster_key(path);
  ASSERT_TRUE(key) << key.error();
  EXPECT_EQ(key->bytes()[1], 0x11);
  EXPECT_EQ(key->bytes()[10], 0xaa);
  EXPECT_EQ(key->bytes()[31], 0xef);
}

TEST_F(ClusterKey, IsReadThroughALink) {
  ASSERT_TRUE(make_cluster_key(folder + "/real"));
  std::filesystem::create_symlink(folder + "/real", path);
  EXPECT_EQ(refusal(), "");
}

TEST_F(ClusterKey, IsRefusedWhenMissing) { EXPECT_THAT(refusal(), AllOf(HasSubstr(path), HasSubstr("No such file"))); }

TEST_F(ClusterKey, IsRefusedWhenItIsNoFile) {
  std::filesystem::create_directory(path);
  EXPECT_THAT(refusal(), HasSubstr("expected a regular file"));
  std::filesystem::remove(path);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(refusal(), HasSubstr("expected a regular file"));
}

TEST_F(ClusterKey, IsRefusedWhenOthersMayReadOrWriteIt) {
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0644U}) {
    write(digits + "\n", mode);
    EXPECT_THAT(refusal(), AllOf(HasSubstr("expected mode 0600"), Not(HasSubstr("00112233")))) << std::oct << mode;
  }
  for (const mode_t mode : {0600U, 0400U, 0700U}) {
    write(digits + "\n", mode);
    EXPECT_EQ(refusal(), "") << std::oct << mode;
  }
}

TEST_F(ClusterKey, IsRefusedUnlessItIsSixtyFourDigitsAndANewline) {
  const std::string bad[] = {"",
                             "\n",
                             digits,
                             digits + " ",
                             digits + "\n\n",
                             digits + "\r\n",
                             digits + "00\n",
                             digits.substr(2) + "\n",
                             "g" + digits.substr(1) + "\n",
                             digits.substr(1) + "\xff\n",
                             " " + digits.substr(1) + "\n",
                             std::string(100'000, '0')};
  for (const std::string& content : bad) {
    write(content);
    EXPECT_THAT(refusal(), AllOf(HasSubstr("expected 64 hexadecimal digits and a newline"), Not(HasSubstr("22334455"))))
        << content.size();
  }
}

TEST_F(ClusterKey, MayBeTwo) {
  const std::string next = folder + "/next.key";
  ASSERT_TRUE(make_cluster_key(path));
  EXPECT_FALSE(load_cluster_keys(path, "")->next);
  const auto refused = load_cluster_keys(path, next);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr(next));
  ASSERT_TRUE(make_cluster_key(next));
  EXPECT_TRUE(load_cluster_keys(path, next)->next);
}

}  // namespace

}  // namespace holdfast
