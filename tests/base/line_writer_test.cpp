#include <gtest/gtest.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log/line_writer_io.h"

namespace holdfast {
namespace {

// A place for lines that the test opens and shuts.
class gate {
 public:
  // piece: it takes no more bytes at once.
  line_writer::outlet outlet(std::size_t piece = 3) {
    return [this, piece](std::string_view lines) {
      std::unique_lock guard(lock_);
      ++tried_;
      news_.notify_all();
      news_.wait(guard, [this] { return error_ != EAGAIN; });
      if (error_ != 0) return line_writer::outcome{.bytes = 0, .error = error_};
      text_ += lines.substr(0, piece);
      return line_writer::outcome{.bytes = std::min(lines.size(), piece)};
    };
  }
  void be(int error) {
    const std::lock_guard guard(lock_);
    error_ = error;
    news_.notify_all();
  }
  void wait_until_tried() {
    std::unique_lock guard(lock_);
    news_.wait(guard, [this] { return tried_ > 0; });
  }
  const std::string& text() const { return text_; }  // when the writer is gone

 private:
  std::mutex lock_;
  std::condition_variable news_;
  int error_ = 0;
  int tried_ = 0;
  std::string text_;
};

std::string say_gap(std::uint64_t lost) { return "lost " + std::to_string(lost) + "\n"; }

TEST(LineWriter, WritesAllBeforeItGoes) {
  gate to;
  {
    line_writer w;
    w.turn_to(to.outlet());
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(w.push("line " + std::to_string(i) + "\n"));
    EXPECT_EQ(w.lost(), 0U);
  }
  EXPECT_TRUE(to.text().starts_with("line 0\nline 1\n"));
  EXPECT_TRUE(to.text().ends_with("line 99\n"));
}

TEST(LineWriter, LosesAndCountsWhatAStuckPlaceHasNoRoomForAndSaysSoThere) {
  gate to;
  to.be(EAGAIN);
  const std::string long_line = std::string(line_writer::most - 1, 'x') + "\n";
  {
    line_writer w(say_gap);
    w.turn_to(to.outlet(10'000));
    EXPECT_TRUE(w.push("first\n"));
    to.wait_until_tried();  // that is at hand; what follows waits
    EXPECT_TRUE(w.push(long_line));
    EXPECT_FALSE(w.push("a\nb\n"));
    EXPECT_FALSE(w.push("c\n"));
    EXPECT_EQ(w.lost(), 3U);
    EXPECT_EQ(w.trouble(), EAGAIN);
    to.be(0);
  }
  EXPECT_EQ(to.text(), "first\n" + long_line + "lost 3\n");
}

TEST(LineWriter, CountsWhatAFullPlaceRefusesAndGoesOn) {
  gate full, good;
  full.be(ENOSPC);
  {
    line_writer w(say_gap);
    w.turn_to(full.outlet());
    EXPECT_TRUE(w.push("one\ntwo\n"));
    while (w.lost() == 0) std::this_thread::yield();
    EXPECT_EQ(w.lost(), 2U);
    EXPECT_EQ(w.trouble(), ENOSPC);
    w.turn_to(good.outlet());
    EXPECT_TRUE(w.push("three\n"));
  }
  EXPECT_EQ(full.text(), "");
  EXPECT_EQ(good.text(), "lost 2\nthree\n");
}

TEST(LineWriter, GoesWhenItsPlaceIsStuckForEver) {
  static gate& stuck = *new gate;  // the thread that stands before it is left behind
  stuck.be(EAGAIN);
  {
    line_writer w;
    w.turn_to(stuck.outlet());
    EXPECT_TRUE(w.push("never\n"));
    stuck.wait_until_tried();
  }
  stuck.be(0);
}

TEST(LineWriter, DropsWhatGoesNowhere) {
  line_writer w;
  EXPECT_TRUE(w.push("one\n"));
  w.turn_to(nullptr);
  EXPECT_TRUE(w.push("two\n"));
  EXPECT_EQ(w.lost(), 0U);
}

}  // namespace
}  // namespace holdfast
