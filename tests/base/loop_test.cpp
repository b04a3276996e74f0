#include <gtest/gtest.h>

#include <thread>

#include "base/clock_io.h"
#include "base/loop/loop_io.h"

namespace holdfast {
namespace {

using namespace std::chrono_literals;

TEST(Loop, RunsWhatIsAskedInOrderAndThenEnds) {
  loop io;
  std::string seen;
  run_soon(io, [&] {
    seen += 'a';
    run_soon(io, [&] { seen += 'c'; });
    seen += 'b';
  });
  EXPECT_EQ(seen, "");
  io.run();
  EXPECT_EQ(seen, "abc");
}

TEST(Loop, RunsLaterWhatIsToWait) {
  loop io;
  const instant began = monotonic_now();
  instant rang;
  run_after(io, 20ms, [&] { rang = monotonic_now(); });
  io.run();
  EXPECT_GE(rang - began, 20ms);
}

TEST(Loop, HearsOtherThreadsAndEndsWhenTold) {
  loop io;
  bool heard = false, dropped = true;
  run_after(io, 1h, [&] { dropped = false; });  // so that it has something to wait for
  std::thread other([&] {
    run_soon(io, [&] {
      heard = true;
      stop_running(io);
    });
  });
  io.run();
  other.join();
  EXPECT_TRUE(heard);
  EXPECT_TRUE(dropped);
}

}  // namespace
}  // namespace holdfast
