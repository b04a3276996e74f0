#include <gtest/gtest.h>

#include <fstream>

#include "tests/cli_io/served.h"
#include "vrrp/agent/event_file_io.h"

namespace holdfast {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(EventFile, HasWhatWasSaidWhenItEnds) {
  const folder home;
  const std::string path = home.file("events");
  {
    event_file events(path);
    EXPECT_EQ(events.found(), "");
    events.append("one\n");
    events.append("two\n");
  }
  EXPECT_EQ(text_of(path), "one\ntwo\n");
  event_file later(path);
  EXPECT_EQ(later.found(), "one\ntwo\n") << "an earlier life's";
}

TEST(EventFile, IsWrittenAnewWhenItIsLong) {
  const folder home;
  const std::string path = home.file("events");
  {
    event_file events(path);
    for (int i = 0; i < 10; ++i) events.append("x\n");
    events.replace("the last\n");
    EXPECT_FALSE(events.full());
  }
  EXPECT_EQ(text_of(path), "the last\n");
}

TEST(EventFile, IsKeptNowhereWithoutAPath) {
  event_file events("");
  events.append("lost\n");
  EXPECT_FALSE(events.full());
}

}  // namespace
}  // namespace holdfast
