#include <gtest/gtest.h>

#include <csignal>
#include <optional>
#include <vector>

#include "base/loop/loop_io.h"
#include "base/loop/signals_io.h"

namespace holdfast {
namespace {

TEST(Signals, AreHeardEachUntilTheEnd) {
  loop io;
  std::vector<int> heard;
  std::optional<signals> s;
  s.emplace(io, std::initializer_list{SIGHUP, SIGUSR1}, [&](int number) {
    heard.push_back(number);
    if (number == SIGHUP) {
      std::raise(SIGUSR1);
    } else {
      s.reset();  // from within
    }
  });
  std::raise(SIGHUP);
  io.run();  // ends, as nothing is waited for any more
  EXPECT_EQ(heard, (std::vector{SIGHUP, SIGUSR1}));
}

TEST(Signals, ThatStandInTheQueueAtTheEndAreNotHeard) {
  loop io;
  int heard = 0;
  std::optional<signals> s;
  s.emplace(io, std::initializer_list{SIGUSR1}, [&](int) { ++heard; });
  std::raise(SIGUSR1);
  s.reset();
  io.run();
  EXPECT_EQ(heard, 0);
}

TEST(Signals, DoWhatTheyDidBeforeOnceNobodyHearsThem) {
  const auto end = [] {
    loop io;
    std::optional<signals> s;
    s.emplace(io, std::initializer_list{SIGUSR1}, [](int) {});
    s.reset();
    std::raise(SIGUSR1);
  };
  EXPECT_EXIT(end(), testing::KilledBySignal(SIGUSR1), "");
}

}  // namespace
}  // namespace holdfast
