#include "vrrp/election/history.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;

event_record some(int n) {
  return {.when = wall_time(1'700'000'000s + n * 1ms),
          .monotonic = n * 1ms,
          .group = "front",
          .from = "backup",
          .to = "active",
          .why = "lb1's agent \"ended\"\n" + std::to_string(n)};
}

TEST(History, ReadsItsLinesBack) {
  event_record note = some(2);
  note.from = note.to = "";
  for (const event_record& e : {some(1), note}) EXPECT_EQ(parse_event(print_event(e)), e);
}

TEST(History, WritesOneLineEach) {
  const std::string line = print_event(some(1));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST(History, RefusesWhatIsNoEvent) {
  for (const char* text : {"", "{", "[]", "7", "{}", "{\"time_ms\":1}", "{\"why\":\"x\"}"}) {
    EXPECT_EQ(parse_event(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_event(std::string(1 << 20, '[')), std::nullopt);
}

TEST(History, KeepsTheLatestThousand) {
  history h;
  for (int n = 0; n < 1003; ++n) h.add(some(n));
  ASSERT_EQ(h.events().size(), history::limit);
  EXPECT_EQ(h.events().front(), some(3));
  EXPECT_EQ(h.events().back(), some(1002));
}

TEST(History, KnowsWhenAGroupBecameActiveSinceTheMachineStarted) {
  history h;
  h.add(some(900));  // before the machine started again
  event_record other = some(100), backup = some(200);
  other.group = "back";
  backup.to = "backup";
  for (const event_record& e : {some(50), other, backup, some(300)}) h.add(e);
  EXPECT_EQ(h.activations("front", 400ms), (std::vector<duration>{50ms, 300ms}));
  EXPECT_TRUE(h.activations("front", 10ms).empty()) << "all of them lie ahead";
}

TEST(History, LoadsAFileThatWasCutShort) {
  history h;
  h.load(print_event(some(1)) + "{\"time_ms\":17\n" + print_event(some(2)) + "{\"time");
  ASSERT_EQ(h.events().size(), 2U);
  history again;
  again.load(h.text());
  EXPECT_EQ(again.events(), h.events());
}

}  // namespace
}  // namespace holdfast
