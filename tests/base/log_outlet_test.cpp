#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/descriptor_io.h"
#include "base/ensure.h"
#include "base/log/log_outlet_io.h"

namespace holdfast {
namespace {

class LogOutlet : public testing::Test {
 protected:
  LogOutlet() {
    std::string pattern = "/tmp/holdfast-outlet-XXXXXX";
    ensure(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
  }
  ~LogOutlet() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name) const { return folder_ + '/' + name; }
  std::string fifo() const {
    ensure(mkfifo(file("pipe").c_str(), 0600) == 0);
    return file("pipe");
  }
  static std::string text_of(const std::string& path) {
    std::ostringstream all;
    all << std::ifstream(path).rdbuf();
    return all.str();
  }

 private:
  std::string folder_;
};

std::string read_some(const descriptor& from) {
  char buffer[65536];
  const ssize_t bytes = ::read(from.get(), buffer, sizeof buffer);
  return bytes > 0 ? std::string(buffer, static_cast<std::size_t>(bytes)) : "";
}

TEST_F(LogOutlet, AppendsToAFileThatItMakes) {
  const std::string path = file("log");
  for (const char* line : {"one\n", "two\n"}) {
    const auto to = outlet_to_file(path);
    ASSERT_TRUE(to);
    EXPECT_EQ((*to)(line).bytes, 4U);
  }
  EXPECT_EQ(text_of(path), "one\ntwo\n");
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0640));
}

TEST_F(LogOutlet, SaysWhyAFileCannotBeWritten) {
  const auto to = outlet_to_file(file("no/log"));
  ASSERT_FALSE(to);
  EXPECT_EQ(to.error(), "can't write " + file("no/log") + ": No such file or directory");
}

TEST_F(LogOutlet, WaitsForTheReaderOfAPipe) {
  const std::string path = fifo();
  const auto to = outlet_to_file(path);
  ASSERT_TRUE(to) << "nobody reads yet";
  EXPECT_EQ((*to)("one\n").error, EAGAIN);
  descriptor reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK));
  EXPECT_EQ((*to)("one\n").bytes, 4U);
  EXPECT_EQ(read_some(reader), "one\n");
  reader.reset();
  const auto former = std::signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ((*to)("two\n").error, EAGAIN) << "the reader has gone";
  std::signal(SIGPIPE, former);
  reader.reset(::open(path.c_str(), O_RDONLY | O_NONBLOCK));
  EXPECT_EQ((*to)("two\n").bytes, 4U) << "and another has come";
}

TEST_F(LogOutlet, NeverWaitsForRoomInAPipeAndTearsNoLine) {
  const std::string path = fifo();
  const descriptor reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK));
  const auto to = outlet_to_file(path);
  ASSERT_TRUE(to);
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += std::string(99, 'x') + '\n';
  line_writer::outcome last;
  do {
    last = (*to)(lines);
    EXPECT_EQ(last.bytes % 100, 0U);
  } while (last.error == 0);
  EXPECT_EQ(last.error, EAGAIN);
  EXPECT_FALSE(read_some(reader).empty());
  EXPECT_EQ((*to)(lines).error, 0);
}

TEST_F(LogOutlet, WritesMuchToAFileAtOnceAndTearsNoLine) {
  const std::string path = file("log");
  const auto to = outlet_to_file(path);
  ASSERT_TRUE(to);
  std::string lines;
  for (int i = 0; i < 10'000; ++i) lines += std::string(99, 'x') + '\n';
  constexpr std::size_t most = 256 << 10;
  EXPECT_EQ((*to)(lines).bytes, most - most % 100);
  EXPECT_EQ((*to)(lines.substr(0, 100'000)).bytes, 100'000U);
  EXPECT_EQ(std::filesystem::file_size(path), most - most % 100 + 100'000);
}

TEST_F(LogOutlet, SaysThatADiskIsFull) {
  const auto to = outlet_to_file("/dev/full");
  ASSERT_TRUE(to);
  EXPECT_EQ((*to)("one\n").error, ENOSPC);
}

// Standard error is for all processes that have it: its flags stay as they are.
TEST_F(LogOutlet, WritesToAStuckStandardErrorWithoutChangingIt) {
  const std::string path = fifo();
  const descriptor reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK));
  const descriptor kept(::dup(STDERR_FILENO));
  const descriptor pipe(::open(path.c_str(), O_WRONLY));
  ::dup2(pipe.get(), STDERR_FILENO);
  const auto to = outlet_to_standard_error();
  const int flags = ::fcntl(STDERR_FILENO, F_GETFL);
  const auto first = to("one\n");
  line_writer::outcome last;
  while ((last = to(std::string(4095, 'x') + '\n')).error == 0) continue;
  ::dup2(kept.get(), STDERR_FILENO);
  EXPECT_EQ(first.bytes, 4U);
  EXPECT_EQ(last.error, EAGAIN);
  EXPECT_EQ(flags & O_NONBLOCK, 0);
  EXPECT_TRUE(read_some(reader).starts_with("one\nxxx"));
}

TEST_F(LogOutlet, WritesToWhatStandardOutputWas) {
  const std::string path = file("out");
  const descriptor kept(::dup(STDOUT_FILENO));
  const descriptor out(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600));
  ::dup2(out.get(), STDOUT_FILENO);
  const auto to = outlet_to_standard_output();
  ::dup2(kept.get(), STDOUT_FILENO);
  EXPECT_EQ(to("one\n").bytes, 4U);
  EXPECT_EQ(text_of(path), "one\n");
}

TEST_F(LogOutlet, MakesAFileWithTheModeThatIsWanted) {
  const std::string path = file("log");
  ASSERT_TRUE(outlet_to_file(path, 0600));
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));
}

// Whether somebody takes it or not; there need be no system log.
TEST_F(LogOutlet, TakesALineAtATimeForTheSystemLog) {
  const auto to = outlet_to_syslog("holdfast-test");
  EXPECT_EQ(to("<7>one\n<7>two\n").bytes, 7U);
  EXPECT_EQ(to("two\n").bytes, 4U);
}

}  // namespace
}  // namespace holdfast
