#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "cli/control/control_io.h"
#include "tests/cli_io/served.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;

TEST(ControlServer, AnswersOneLineAndCloses) {
  const served s;
  EXPECT_EQ(talker(s.path).ask("servers\n"), "servers|\n");
}

TEST(ControlServer, AnswersALineEndedByTheCallersEnd) {
  const served s;
  const talker t(s.path);
  t.say(" mode \t");
  t.say_no_more();
  EXPECT_EQ(t.hear(), "mode|\n");
}

TEST(ControlServer, PutsALineTogetherFromPieces) {
  const served s;
  const talker t(s.path);
  for (const char* piece : {"ser", "vers", " ", "\r", "\nmode\n"}) t.say(piece);
  EXPECT_EQ(t.hear(), "servers|\n");
}

TEST(ControlServer, AnswersInTheWireFormWhenAsked) {
  const served s;
  const auto answer = parse_wire(talker(s.path).ask("json servers\n"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->pen, "servers|\n");
}

TEST(ControlServer, SaysNothingToACallerWhoSaidNothing) {
  const served s;
  const talker t(s.path);
  t.say_no_more();
  EXPECT_EQ(t.hear(), "");
}

TEST(ControlServer, TakesALineOfExactlyTheLimit) {
  const served s;
  const std::string longest(4096, 'x');
  EXPECT_EQ(talker(s.path).ask(longest + "\n"), longest + "|\n");
  EXPECT_EQ(talker(s.path).ask(longest + "\r\n"), longest + "|\n");
  const talker t(s.path);
  t.say(longest);
  t.say_no_more();
  EXPECT_EQ(t.hear(), longest + "|\n");
}

TEST(ControlServer, RefusesALineBeyondTheLimit) {
  const served s;
  const std::string sentence = "error: the line is too long: expected at most 4096 bytes\n";
  EXPECT_EQ(talker(s.path).ask(std::string(4097, 'x') + "\n"), sentence);
  EXPECT_EQ(talker(s.path).ask(std::string(4097, 'x')), sentence);
  EXPECT_EQ(talker(s.path).ask(std::string(60'000, 'x')), sentence);
  const auto answer = parse_wire(talker(s.path).ask("json " + std::string(4092, 'x') + "\n"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->is, verdict::misunderstood);
}

TEST(ControlServer, TellsTheSilentWhatItExpected) {
  const served s({.to_say = 20ms});
  EXPECT_EQ(talker(s.path).hear(), "error: nothing heard: expected a line within 20 ms\n");
}

TEST(ControlServer, TakesALineAsWholeWhenNothingFollows) {
  const served s({.to_say = 20ms});
  EXPECT_EQ(talker(s.path).ask("servers"), "servers|\n");
  const auto answer = parse_wire(talker(s.path).ask("json servers \r"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->pen, "servers|\n");
}

TEST(ControlServer, HearsNobodyForEver) {
  const served s({.to_finish = 0ms});
  EXPECT_EQ(talker(s.path).ask("serv"), "error: the line has no end: expected it within 0 s\n");
  EXPECT_EQ(talker(s.path).ask("servers\n"), "servers|\n");
}

TEST(ControlServer, ServesSixtyFourCallersAtOnceAndTurnsAwayTheNext) {
  const served s;
  std::deque<talker> talkers;
  for (int i = 0; i < 64; ++i) talkers.emplace_back(s.path);
  EXPECT_EQ(talker(s.path).hear(), "error: 64 callers at once already: try again later\n");
  for (const talker& t : talkers) EXPECT_EQ(t.ask("x\n"), "x|\n");
}

// The answer to `line` as soon as the only caller that the server has room for is gone.
std::string ask_when_free(const served& s, const std::string& line) {
  for (;;) {
    const std::string answer = talker(s.path).ask(line);
    if (answer != "error: 1 callers at once already: try again later\n") return answer;
  }
}

TEST(ControlServer, HasRoomAgainWhenACallerLeaves) {
  const served s({.callers = 1});
  EXPECT_EQ(talker(s.path).ask("x\n"), "x|\n");
  EXPECT_EQ(ask_when_free(s, "y\n"), "y|\n");
}

TEST(ControlServer, ClosesOnACallerWhoDoesNotTakeTheAnswer) {
  constexpr std::size_t size = 8 << 20;
  const served s({.callers = 1, .to_take = 20ms},
                 [](const caller&, std::string_view line, const control_server::respond_type& respond) {
                   respond({.pen = line == "long" ? std::string(size, 'x') : "short\n"});
                 });
  const talker deaf(s.path);
  deaf.say("long\n");
  EXPECT_EQ(ask_when_free(s, "short\n"), "short\n");
  EXPECT_LT(deaf.hear().size(), size);
}

TEST(ControlServer, GivesALongAnswerToACallerWhoReads) {
  constexpr std::size_t size = 32 << 20;
  const served s({}, [](const caller&, std::string_view, const control_server::respond_type& respond) {
    respond({.pen = std::string(size, 'x')});
  });
  EXPECT_EQ(talker(s.path).ask("long\n").size(), size);
}

TEST(ControlServer, WaitsForAnAnswerGivenLaterOnAnotherThread) {
  std::thread other;
  {
    const served s({}, [&](const caller&, std::string_view line, control_server::respond_type respond) {
      other = std::thread([respond = std::move(respond), text = std::string(line)] { respond({.pen = text + "!\n"}); });
    });
    EXPECT_EQ(talker(s.path).ask("later\n"), "later!\n");
  }
  other.join();
}

TEST(ControlServer, CountsOnlyTheFirstAnswer) {
  const served s({}, [&](const caller&, std::string_view, const control_server::respond_type& respond) {
    respond({.pen = "first\n"});
    respond({.pen = "second\n"});
  });
  EXPECT_EQ(talker(s.path).ask("x\n"), "first\n");
}

TEST(ControlServer, SaysSoWhenACommandIsDropped) {
  const served s({}, [](const caller&, std::string_view, const control_server::respond_type&) {});
  EXPECT_EQ(talker(s.path).ask("x\n"), "error: the command was dropped without an answer\n");
}

TEST(ControlServer, SaysSoWhenNoAnswerComes) {
  control_server::respond_type kept;
  served s({.to_answer = 20ms},
           [&](const caller&, std::string_view, control_server::respond_type respond) { kept = std::move(respond); });
  EXPECT_EQ(talker(s.path).ask("x\n"), "error: no answer within 20 ms\n");
  s.on_thread([&] { kept({.pen = "too late\n"}); });
}

TEST(ControlServer, IsNotHurtByAnAnswerAfterItsEnd) {
  control_server::respond_type kept;
  std::promise<void> asked;
  served s({}, [&](const caller&, std::string_view, control_server::respond_type respond) {
    kept = std::move(respond);
    asked.set_value();
  });
  const talker t(s.path);
  t.say("x\n");
  asked.get_future().wait();
  s.on_thread([&] { s.server->stop(); });
  s.on_thread([&] { kept({.pen = "too late\n"}); });
  EXPECT_EQ(t.hear(), "");
  kept = nullptr;
}

TEST(ControlServer, LetsAnAnswerLeaveBeforeItStops) {
  control_server* itself = nullptr;
  served s({}, [&](const caller&, std::string_view, const control_server::respond_type& respond) {
    respond({.pen = "bye\n"});
    itself->stop();
  });
  itself = s.server.get();
  EXPECT_EQ(talker(s.path).ask("exit\n"), "bye\n");
  s.on_thread([] {});  // the handler has returned
  EXPECT_FALSE(std::filesystem::exists(s.path));
}

TEST(ControlServer, SurvivesNoise) {
  const served s;
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    std::string noise(random() % 9000, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    const talker t(s.path);
    t.say(noise);
    t.say_no_more();
    if (i % 3 != 0) t.hear();  // every third leaves at once
  }
  EXPECT_EQ(talker(s.path).ask("still here\n"), "still here|\n");
}

}  // namespace

}  // namespace holdfast
