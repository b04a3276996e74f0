#include "cli/language/grammar.h"

#include <gtest/gtest.h>

#include "cli/language/suggest.h"

namespace holdfast {

namespace {

misunderstanding wrong(std::string_view line, source from = source::control) {
  const auto understood = parse(line, from);
  return understood ? misunderstanding{0, print(*understood)} : understood.error();
}

std::string said(std::string_view line, source from = source::control) {
  const auto understood = parse(line, from);
  return understood ? print(*understood) : understood.error().text();
}

TEST(Grammar, FillsTheMembersOfACommand) {
  const auto s = parse("server 1 address 10.0.1.12 weight 2 drain", source::file);
  ASSERT_TRUE(s);
  const auto& c = std::get<say::change_server>(std::get<say::change>(s->what));
  EXPECT_EQ(c.name, "1");
  EXPECT_EQ(c.address, (place{"10.0.1.12", "", ""}));
  EXPECT_EQ(c.weight, 2U);
  EXPECT_EQ(c.drain, true);
  EXPECT_EQ(c.max, std::nullopt);
}

TEST(Grammar, TakesOptionalPartsInAnyOrderButOnce) {
  EXPECT_EQ(said("server 1 weight 2 max 3 acl 0"), "server 1 acl 0 max 3 weight 2");
  EXPECT_EQ(wrong("server 1 max 3 max 4").column, 16U);
}

TEST(Grammar, PartsWordsByBlanksAndEndsAtAComment) {
  EXPECT_EQ(said("  timeout\t 5   # seconds"), "timeout 5s");
  EXPECT_EQ(said("web_stats /x#y", source::file), "web_stats /x#y");
  EXPECT_EQ(said("timeout 5\r\n"), "timeout 5s");
}

TEST(Grammar, KnowsLinesThatSayNothing) {
  for (const char* line : {"", "   ", "# comment", " \t#", "\r\n"}) EXPECT_TRUE(says_nothing(line)) << line;
  EXPECT_FALSE(says_nothing("mode # comment"));
  EXPECT_EQ(wrong("").expected, "a command");
}

TEST(Grammar, TakesPrefixes) {
  const auto s = parse("on lb1 service web timeout 3", source::file);
  ASSERT_TRUE(s);
  EXPECT_EQ(s->node, "lb1");
  EXPECT_EQ(s->service, "web");
  EXPECT_EQ(s->of_service(), "web");
  EXPECT_EQ(print(*s), "on lb1 service web timeout 3s");
  EXPECT_EQ(parse("timeout 3", source::file)->of_service(), "default");
}

TEST(Grammar, RefusesPrefixesThatAreNoNames) {
  EXPECT_EQ(wrong("on l/b timeout 3").column, 4U);
  EXPECT_EQ(wrong("service w/b timeout 3").column, 9U);
}

TEST(Grammar, RefusesAServiceWhereTheWholeDaemonIsMeant) {
  EXPECT_EQ(wrong("service web debug 3").column, 13U);
  EXPECT_EQ(wrong("service web pid").column, 13U);
  EXPECT_EQ(wrong("on lb1 service web", source::file).column, 8U);
}

TEST(Grammar, PrefersWordsToWhatArgumentsWouldTake) {
  EXPECT_EQ(said("log format json"), "log format json");
  EXPECT_EQ(said("log format"), "log format");  // asks, and is no file
  EXPECT_EQ(said("log formats"), "log formats");
  EXPECT_EQ(said("server 1 blacklist 3"), "server 1 blacklist 3s");
}

TEST(Grammar, NamesTheGroupWithinACommand) {
  const auto s = parse("on lb1 vrrp front priority 150", source::file);
  ASSERT_TRUE(s);
  const auto& c = std::get<say::set>(std::get<say::change>(s->what));
  EXPECT_EQ(c.key, key_of<&vrrp_settings::priority>);
  EXPECT_EQ(c.of.name, "front");
  EXPECT_EQ(c.value, setting_value(std::uint64_t{150}));
  EXPECT_EQ(said("no vrrp front preempt"), "no vrrp front preempt");
  EXPECT_EQ(said("vrrp front address 192.0.2.80/24 id 7"), "vrrp front address 192.0.2.80/24 id 7");
  EXPECT_EQ(said("vrrp release"), "vrrp release");
  EXPECT_EQ(said("vrrp release front"), "vrrp release front");
}

TEST(Grammar, MistakesNoOrderForAGroup) {
  EXPECT_EQ(said("vrrp take priority 3"), "column 20: expected the end of the line");
  EXPECT_EQ(said("cluster key new"), "column 17: expected a file name without blanks");
  EXPECT_EQ(wrong("service web vrrp front priority 3").column, 13U);
}

TEST(Grammar, UnderstandsACommandForAllNodes) {
  EXPECT_EQ(said("cluster servers"), "cluster servers");
  EXPECT_EQ(said("cluster service web timeout 5000ms # soon"), "cluster service web timeout 5s");
  EXPECT_EQ(said("on lb1 cluster on lb2 mode"), "on lb1 cluster on lb2 mode");
  const auto s = parse("cluster check http /x", source::control);
  ASSERT_TRUE(s);
  EXPECT_EQ(std::get<say::on_all_nodes>(std::get<say::cluster_request>(s->what)).text, "check http /x");
}

TEST(Grammar, PutsTheClustersOwnCommandsBeforeThoseForAllNodes) {
  const auto request = [](std::string_view line) {
    return std::get<say::cluster_request>(parse(line, source::control)->what);
  };
  EXPECT_TRUE(std::holds_alternative<say::check_cluster>(request("cluster check")));
  EXPECT_TRUE(std::holds_alternative<say::cluster>(request("cluster")));
  EXPECT_TRUE(std::holds_alternative<say::on_all_nodes>(request("cluster check tcp")));
  EXPECT_EQ(said("cluster key"), "cluster key");
  EXPECT_EQ(said("cluster switchover to lb2"), "cluster switchover to lb2");
  EXPECT_EQ(said("cluster switchover front to lb2"), "cluster switchover front to lb2");
}

TEST(Grammar, MarksWhatIsWrongWithACommandForAllNodes) {
  EXPECT_EQ(wrong("cluster timeout x").column, 17U);
  EXPECT_EQ(wrong("on lb1 cluster timeout x").column, 24U);
  EXPECT_EQ(wrong("cluster check http").column, 20U);
  EXPECT_EQ(said("cluster drill probe 80"), "column 21: expected HOST:PORT (IPv6 in brackets)");
  EXPECT_EQ(
      said("cluster xyzzy"),
      "column 9: expected a command for holdfast-balancer, check, drill, flush, key, load, switchover, wait-synced "
      "or the end of the line");
}

TEST(Grammar, SaysToAllNodesOnlyWhatTheBalancerAloneCarriesOut) {
  for (const char* line : {"cluster vrrp", "cluster vrrp front priority 3", "cluster reload", "cluster cluster",
                           "cluster cluster servers", "cluster clients export"}) {
    EXPECT_EQ(said(line), "column 9: expected a command that is holdfast-balancer's alone") << line;
  }
  EXPECT_EQ(wrong("service web cluster servers").column, 13U);
  EXPECT_EQ(wrong("cluster servers", source::file).column, 1U);
  std::string nested;
  while (nested.size() < max_line - 8) nested += "cluster ";
  EXPECT_EQ(wrong(nested).column, 9U);
}

TEST(Grammar, NeedsOfACommandForAllNodesWhatThatCommandNeeds) {
  const auto needs = [](std::string_view line) { return needed(parse(line, source::control)->what); };
  EXPECT_EQ(needs("cluster servers"), access::read);
  EXPECT_EQ(needs("cluster timeout"), access::read);
  EXPECT_EQ(needs("cluster timeout 3"), access::write);
  EXPECT_EQ(needs("cluster"), access::read);
  EXPECT_EQ(needs("cluster check"), access::write);
}

TEST(Grammar, ReadsPensMask) {
  EXPECT_EQ(said("acl 0 permit 10.1.2.3 255.0.0.0"), "acl 0 permit 10.0.0.0/8");
  EXPECT_EQ(said("acl 0 deny 2001:db8::1/32"), "acl 0 deny 2001:db8::/32");
  EXPECT_EQ(wrong("acl 0 permit 10.0.0.0/8 255.0.0.0").column, 25U);
  EXPECT_EQ(wrong("acl 0 permit 10.0.0.0 255.0.255.0").column, 23U);
  EXPECT_EQ(wrong("acl 0 permit ::1 255.0.0.0").column, 18U);
}

TEST(Grammar, ReadsWhatPenWritesForASlotWithoutAddress) {
  EXPECT_EQ(said("server 2 acl 0 address (unknown address family 0 port 0 max 0 hard 0 prio 0"),
            "server 2 acl 0 address none port 0 max 0 hard 0 prio 0");
}

TEST(Misunderstanding, NamesColumnAndExpectation) {
  EXPECT_EQ(said("timeout x"),
            "column 9: expected a duration such as 30, 2s or 100ms (at least 1ms) or the end of the line");
  EXPECT_EQ(said("acl 0 allow 1.2.3.4"), "column 7: expected deny or permit");
  EXPECT_EQ(said("server 1 max"), "column 14: expected a number from 0 to 1000000");
  EXPECT_EQ(said("mode now"), "column 6: expected the end of the line");
  EXPECT_EQ(said("acl 0 permit"),
            "column 14: expected an address or network such as 192.0.2.0/24 or 2001:db8::/32 or country");
}

TEST(Misunderstanding, ExpectsOnlyWhatMayBeSaidThere) {
  EXPECT_EQ(said("timeout", source::file), "column 9: expected a duration such as 30, 2s or 100ms (at least 1ms)");
  EXPECT_EQ(said("tracking x", source::file), "column 10: expected a duration such as 30, 2s or 100ms");
}

TEST(Misunderstanding, SuggestsTheNearestCommand) {
  EXPECT_EQ(said("sevrers"), "column 1: expected a command; did you mean `servers`?");
  EXPECT_EQ(said("xyzzyxyzzy"), "column 1: expected a command");
  EXPECT_EQ(said("no stuborn"), "column 4: expected the rest of a command; did you mean `stubborn`?");
  EXPECT_EQ(did_you_mean(std::string(1000, 'x'), first_words()), "");
}

TEST(Misunderstanding, SaysWhereACommandBelongs) {
  EXPECT_EQ(said("workers 3"),
            "column 1: expected a command for a running daemon: `workers <threads>` stands in files only");
  EXPECT_EQ(said("pid", source::file), "column 1: expected a command for a file: `pid` is for a running daemon");
}

TEST(Line, IsAtMostFourKibibytes) {
  const std::string head = "web_stats /";
  EXPECT_EQ(wrong(head + std::string(max_line - head.size(), ' ')).column, 0U);
  EXPECT_EQ(wrong(head + std::string(max_line - head.size() + 1, ' ')).column, max_line + 1);
}

TEST(Line, HasNoControlCharacters) {
  EXPECT_EQ(wrong(std::string("mo\0de", 5)).column, 3U);
  EXPECT_EQ(wrong("mode \x7f").column, 6U);
  EXPECT_EQ(wrong("mode \x1b[0m").column, 6U);
}

TEST(Permission, IsToReadForQuestionsAndToWriteForTheRest) {
  const auto access_of = [](std::string_view line) { return needed(parse(line, source::control)->what); };
  for (const char* line : {"servers", "timeout", "mode", "status", "show config", "client 1.2.3.4", "help", "recent 5",
                           "vrrp", "events", "vrrp front priority", "cluster key"}) {
    EXPECT_EQ(access_of(line), access::read) << line;
  }
  for (const char* line : {"timeout 5", "no log", "server 0 drain", "server 0 blacklist 5", "close 1", "exit", "write",
                           "reload", "include x", "client 1.2.3.4 forget", "acl 0 deny ::1", "http", "epoll",
                           "vrrp release", "vrrp take x", "vrrp announce", "vrrp front id 5", "no vrrp front"}) {
    EXPECT_EQ(access_of(line), access::write) << line;
  }
}

}  // namespace

}  // namespace holdfast
