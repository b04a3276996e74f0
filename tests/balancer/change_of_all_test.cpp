#include "balancer/cluster/change_of_all.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Service web of two servers; lb1 and lb2.
settings first() {
  settings s;
  s.services["web"].name = "web";
  s.services["web"].servers = {{.name = "1", .where = {"10.0.0.1", "80", ""}},
                               {.name = "2", .where = {"10.0.0.2", "80", ""}}};
  s.nodes = {{.name = "lb1", .where = {"10.1.0.1", "2000", ""}}, {.name = "lb2", .where = {"10.1.0.2", "2000", ""}}};
  s.cluster_key = "/etc/key";
  return s;
}

TEST(ChangeOfAll, IsUndoneToWhatWasBefore) {
  const settings before = first();
  settings made = before;
  made.services["web"].servers.pop_back();
  made.services["web"].timeout = std::chrono::seconds(7);
  EXPECT_EQ(undone(before, made, made), before);
}

TEST(ChangeOfAll, IsUndoneWithoutWhatWasSaidOfServersSince) {
  const settings before = first();
  settings made = before;
  made.services["web"].servers[0].weight = 5;
  settings now = made;
  now.services["web"].servers[1].drain = true;
  settings expected = before;
  expected.services["web"].servers[1].drain = true;
  EXPECT_EQ(undone(before, made, now), expected);
}

TEST(ChangeOfAll, StaysWhenMoreHasBeenChangedHere) {
  const settings before = first();
  settings made = before;
  made.services["web"].servers[0].weight = 5;
  settings now = made;
  now.services["web"].timeout = std::chrono::seconds(7);
  EXPECT_EQ(undone(before, made, now), std::nullopt);
}

TEST(ChangeOfAll, MustNotEndTheChannelOverWhichItIsAgreed) {
  const settings now = first();
  EXPECT_TRUE(keeps_company(now, now, "lb1"));
  for (const auto& alter :
       {+[](settings& s) { s.sync = false; }, +[](settings& s) { s.cluster_key = "/etc/other"; },
        +[](settings& s) { s.next_cluster_key = "/etc/next"; }, +[](settings& s) { s.nodes[1].where.port = "2001"; },
        +[](settings& s) { s.nodes.pop_back(); }}) {
    settings wanted = now;
    alter(wanted);
    EXPECT_FALSE(keeps_company(now, wanted, "lb1"));
  }
}

TEST(ChangeOfAll, ThatIsAFileSaysWhatIsTheAgents) {
  const settings before = first();
  settings after = before;
  after.services["web"].servers.pop_back();
  EXPECT_THAT(loaded_answer(before, after).message, HasSubstr("- service web server 2"));
  EXPECT_THAT(loaded_answer(before, after).message, Not(HasSubstr("reload")));
  after.vrrp["front"].priority = 7;
  EXPECT_THAT(loaded_answer(before, after).message, HasSubstr("say `reload` on each node"));
}

// Reads no file: its text is what went wrong with it.
result<settings, std::string> unreadable(const std::string& text) { return failure{"can't read " + text}; }

TEST(ChangeOfAll, ComesToOtherSettings) {
  const settings now = first();
  const auto drained = outcome_of("service web server 1 drain", now, unreadable);
  ASSERT_TRUE(drained) << drained.error();
  EXPECT_TRUE(drained->services.at("web").servers[0].drain);
  EXPECT_FALSE(outcome_of("service nobody server 1 drain", now, unreadable));
  EXPECT_FALSE(outcome_of("what", now, unreadable));
  EXPECT_EQ(outcome_of("status", now, unreadable).error(), "it is no change of the settings");
  EXPECT_EQ(outcome_of("load\nX", now, unreadable).error(), "can't read X");
}

TEST(ChangeOfAll, IsNamedInOneLine) {
  EXPECT_EQ(name_of("service web timeout 7s"), "service web timeout 7s");
  EXPECT_EQ(name_of("load\nservice web\n"), "a configuration file");
  EXPECT_EQ(file_in("load\nservice web\n"), "service web\n");
  EXPECT_EQ(file_in("load"), std::nullopt);
}

TEST(ChangeOfAll, IsAnsweredWithWhatAllHaveSaid) {
  agreement::done outcome{.accepted = false, .why = "nothing was changed: here: no", .reply = {}, .replies = {}};
  EXPECT_EQ(answer_to(outcome, "lb1").is, verdict::refused);
  EXPECT_EQ(answer_to(outcome, "lb1").message, outcome.why);
  const std::string done = channel_text({.message = "changed"});
  outcome = {.accepted = true, .why = "lb2 has not heard it", .reply = done, .replies = {{"lb2", {1, true, done}}}};
  EXPECT_EQ(answer_to(outcome, "lb1").is, verdict::done);
  EXPECT_THAT(answer_to(outcome, "lb1").message, HasSubstr("lb2 has not heard it"));
}

TEST(ChangeOfAll, IsNotAnsweredAtAnyLength) {
  const auto heard = parse_wire(channel_text({.message = std::string(max_sync_text, 'x')}));
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->message, "the answer is too long for the channel");
}

}  // namespace
}  // namespace holdfast
