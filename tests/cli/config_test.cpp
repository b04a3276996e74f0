#include "cli/configuration/config.h"

#include <gtest/gtest.h>

#include <map>

#include "cli/configuration/apply.h"
#include "cli/language/grammar.h"
#include "tests/cli/said_words.h"

namespace holdfast {

namespace {

using files = std::map<std::string, std::string>;

file_reader reader_of(const files& all) {
  return [&all](const std::string& path) -> result<std::string, std::string> {
    const auto found = all.find(path);
    if (found == all.end()) return failure{path + ": no such file"};
    return {boost::system::in_place_value, found->second};
  };
}

// The configuration written again, or the error.
std::string loaded(const files& all, const std::string& node = "lb1", const settings& base = {}) {
  const auto made = load_config("/etc/h.conf", node, reader_of(all), base);
  return made ? write_config(*made) : made.error().text();
}

std::string loaded(const std::string& text) { return loaded(files{{"/etc/h.conf", text}}); }

TEST(Configuration, IsEmptyWhenNothingIsSaid) {
  EXPECT_EQ(loaded(""), "");
  EXPECT_EQ(loaded("# nothing\n\n   \n"), "");
  EXPECT_EQ(write_config({}), "");
}

TEST(Configuration, MayBeginWithAByteOrderMark) {
  EXPECT_EQ(loaded("\xEF\xBB\xBFlisten 80\n"), "listen 80\n");
  EXPECT_EQ(loaded("\xEF\xBB\xBF  timeout x\n"),
            "/etc/h.conf:1:11: expected a duration such as 30, 2s or 100ms (at least 1ms)");
  EXPECT_EQ(loaded({{"/etc/h.conf", "include more\n"}, {"/etc/more", "\xEF\xBB\xBFlisten 80\n"}}), "listen 80\n");
}

TEST(Configuration, SaysLinesOfTheServiceThatWasBegun) {
  EXPECT_EQ(loaded("timeout 4\nservice web\nlisten 80\nservice mail listen 25\ntimeout 5\n"),
            "service default\ntimeout 4s\n\nservice mail\nlisten 25\n\nservice web\nlisten 80\ntimeout 5s\n");
}

TEST(Configuration, NeedsNoHeadingForTheDefaultServiceAlone) {
  EXPECT_EQ(loaded("listen 80\nserver 0 address a\n"), "listen 80\nserver 0 address a\n");
  EXPECT_EQ(loaded("service default\n"), "service default\n");
  EXPECT_EQ(loaded("debug 1\nlisten 80"), "debug 1\n\nlisten 80\n");
}

TEST(Configuration, HearsLinesOfItsNodeAlone) {
  const files all{{"/etc/h.conf",
                   "on lb1 timeout 4\non lb2 timeout 5\non lb2 server 9 drain\n"
                   "node lb1 address a:1\nnode lb2 address b:1\n"}};
  const std::string nodes = "node lb1 address a:1\nnode lb2 address b:1\n\n";
  EXPECT_EQ(loaded(all, "lb1"), nodes + "timeout 4s\n");
  EXPECT_EQ(loaded(all, "lb2"), "/etc/h.conf:3:8: no server 9 in service default: give its address first");
  EXPECT_EQ(loaded(all, "other"), "node lb1 address a:1\nnode lb2 address b:1\n");
}

TEST(Configuration, KnowsTheLinesThatWritingWouldLose) {
  const auto first = [](std::string_view text) {
    const auto found = first_unwritable(text);
    return found ? std::to_string(found->line) + ' ' + found->text : "none";
  };
  EXPECT_EQ(first(""), "none");
  EXPECT_EQ(first("listen 80\nno sense at all\n# on lb2 timeout 4\nservice on listen 81"), "none");
  EXPECT_EQ(first("listen 80\n\non lb2 timeout 4\ninclude x\n"), "3 on lb2");
  EXPECT_EQ(first("on lb1 service web timeout 4"), "1 on lb1");
  EXPECT_EQ(first("\xEF\xBB\xBFon lb1 timeout 4"), "1 on lb1");
  EXPECT_EQ(first("# ours\n  include web.conf"), "2 include web.conf");
}

TEST(Configuration, RefusesNodesThatAreNone) {
  EXPECT_EQ(loaded("node lb1 address a:1\non lb3 timeout 4\n"), "/etc/h.conf:2:4: no node lb3: expected one of lb1");
  EXPECT_EQ(loaded("on lb3 timeout 4\n"), "");  // no nodes, no cluster
}

TEST(Configuration, ComesOnTopOfWhatTheCommandLineSaid) {
  settings base;
  base.services[default_service].timeout = 9s;
  base.services[default_service].hash = true;
  EXPECT_EQ(loaded({{"/etc/h.conf", "timeout 4\n"}}, "lb1", base), "hash\ntimeout 4s\n");
}

TEST(ConfigurationError, NamesFileLineAndColumn) {
  EXPECT_EQ(loaded("listen 80\n  timeout x\n"),
            "/etc/h.conf:2:11: expected a duration such as 30, 2s or 100ms (at least 1ms)");
  EXPECT_EQ(loaded("listen 80\nserver 0 max 3"),
            "/etc/h.conf:2:1: no server 0 in service default: give its address first");
  EXPECT_EQ(loaded("servers\n"), "/etc/h.conf:1:1: expected a command for a file: `servers` is for a running daemon");
  EXPECT_EQ(loaded(files{}), "/etc/h.conf: /etc/h.conf: no such file");
}

TEST(ConfigurationError, IsEveryOneThereIs) {
  EXPECT_EQ(loaded({{"/etc/h.conf",
                     "listn 80\ntimeout x\ninclude y\nserver 0 max 3\nserver 0 max 4\non lb9 hash\n"
                     "node lb1 address 10.0.0.1:1\nvrrp front interface eth0\nvrrp front id 0\n"},
                    {"/etc/y", "hash\nnonsense\n"}}),
            "/etc/h.conf:1:1: expected a command; did you mean `listen`?\n"
            "/etc/h.conf:2:9: expected a duration such as 30, 2s or 100ms (at least 1ms)\n"
            "/etc/y:2:1: expected a command\n"
            "/etc/h.conf:4:1: no server 0 in service default: give its address first\n"
            "/etc/h.conf:9:15: expected a number from 1 to 255\n"
            "/etc/h.conf:6:4: no node lb9: expected one of lb1")
      << "what follows from a refused line is said once, and a group of which one was refused is not unfinished";
}

TEST(ConfigurationError, LeavesWhatTheOtherLinesSay) {
  const files all{{"/etc/h.conf", "listen 80\ntimeout x\nhash\n"}};
  const auto made = load_config("/etc/h.conf", "lb1", reader_of(all));
  ASSERT_FALSE(made);
  EXPECT_EQ(write_config(made.error().rest), "listen 80\nhash\n");
}

TEST(ConfigurationError, IsSaidAHundredTimesAtMost) {
  std::string text;
  for (std::size_t i = 0; i < 2 * most_config_errors; ++i) text += "nonsense\n";
  const files all{{"/etc/h.conf", text}};
  const auto made = load_config("/etc/h.conf", "lb1", reader_of(all));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().all.size(), most_config_errors);
  EXPECT_EQ(made.error().all.back().text(), "/etc/h.conf:100:1: expected a command; the rest is not read");
}

// A line that was copied, and its name not changed.
TEST(ConfigurationError, IsASecondAddressForOneServer) {
  EXPECT_EQ(loaded("server 1 address 10.0.0.1\nserver 1 address 10.0.0.2\n"),
            "/etc/h.conf:2:1: server 1 has the address 10.0.0.1 already, from /etc/h.conf:1: expected another name");
  EXPECT_EQ(loaded("service a\nserver 1 address 10.0.0.1\nservice b\nserver 1 address 10.0.0.2\nservice a\n"
                   "server 1 address 10.0.0.3\n"),
            "/etc/h.conf:6:1: server 1 has the address 10.0.0.1 already, from /etc/h.conf:2: expected another name");
  EXPECT_EQ(loaded("server 1 address 10.0.0.1\nserver 1 address 10.0.0.1 max 3\nserver 1 max 4\n"),
            "server 1 address 10.0.0.1 max 4\n");
  EXPECT_EQ(loaded("server 1 address 10.0.0.1\non lb1 server 1 address 10.0.0.2\n"), "server 1 address 10.0.0.2\n")
      << "one node's own";
}

TEST(ConfigurationError, NamesLinesThatAreTooLong) {
  EXPECT_EQ(loaded("\n#" + std::string(max_line, 'x')), "/etc/h.conf:2:4097: expected at most 4096 bytes");
  EXPECT_EQ(loaded("\n#" + std::string(max_line - 1, 'x')), "");
}

TEST(ConfigurationError, NamesFilesThatAreTooLarge) {
  std::string text(max_file, '\n');
  EXPECT_EQ(loaded(text), "");
  text += '\n';
  EXPECT_EQ(loaded(text), "/etc/h.conf: expected at most 67108864 bytes");
}

TEST(ConfigurationError, OfAWholeIsFoundAtTheLastLineAboutIt) {
  EXPECT_EQ(loaded("vrrp front interface eth0\nlisten 80\n  vrrp front id 51\nlisten 81\n"),
            "/etc/h.conf:3:3: group front has no address: expected `vrrp front address ADDRESS/LENGTH`");
  EXPECT_EQ(loaded({{"/etc/h.conf", "include x\n"}, {"/etc/x", "vrrp front interface eth0\n"}}),
            "/etc/x:1:1: group front has no address: expected `vrrp front address ADDRESS/LENGTH`\n"
            "/etc/x:1:1: group front has no id: expected `vrrp front id NUMBER`, the same on all nodes");
  settings base;
  base.vrrp["front"].name = "front";
  base.vrrp["front"].id = 5;
  EXPECT_EQ(loaded({{"/etc/h.conf", "listen 80\n"}}, "lb1", base),
            "/etc/h.conf: group front has no address: expected `vrrp front address ADDRESS/LENGTH`");
}

// What people are told of a file that was loaded for lb1.
std::vector<std::string> warnings(const std::string& text, const std::string& node = "lb1") {
  const files all{{"/etc/h.conf", text}};
  const auto made = load_config("/etc/h.conf", node, reader_of(all));
  EXPECT_TRUE(made) << made.error().text();
  if (!made) return {};
  std::vector<std::string> texts;
  for (const config_error& w : warnings_about(*made, {}, "/etc/h.conf", node, reader_of(all)))
    texts.push_back(w.text());
  return texts;
}

const std::string pair_of_nodes =
    "node lb1 address 10.0.0.1:1\nnode lb2 address 10.0.0.2:1\ncluster key /k\n"
    "vrrp front interface eth0\nvrrp front id 51\nvrrp front address 192.0.2.80/24\n";

TEST(Warning, IsGivenOfEqualPriorities) {
  const std::string why =
      "/etc/h.conf:6:1: group front has priority 100 on lb1 and lb2, so the higher address of the interface decides: "
      "expected, for "
      "example, `on lb1 vrrp front priority 150`";
  EXPECT_EQ(warnings(pair_of_nodes), std::vector{why});
  const std::string stranger =
      "/etc/h.conf:2:1: a-laptop is none of the nodes, so this node talks to no other: expected --node with one of lb1 "
      "lb2";
  EXPECT_EQ(warnings(pair_of_nodes, "a-laptop"), (std::vector{why, stranger}));
  EXPECT_TRUE(warnings(pair_of_nodes + "on lb1 vrrp front priority 150\n").empty());
  EXPECT_TRUE(warnings(pair_of_nodes + "on lb2 vrrp front priority 50\n").empty());
}

TEST(Warning, IsGivenOfWhatAnotherNodeWouldRefuse) {
  EXPECT_EQ(warnings(pair_of_nodes + "on lb1 vrrp front priority 150\non lb2 server 9 drain\n"),
            std::vector<std::string>{
                "/etc/h.conf:8:8: node lb2 would refuse this: no server 9 in service default: give its address first"});
}

// Where the line stands that it is about; the last, for that one holds.
TEST(Warning, StandsAtItsLine) {
  const files all{
      {"/etc/h.conf", "hash\nservice web\n listen 80\n timeout 5\n server 1 address a weight 2\ntimeout 6\n"}};
  const auto at = [&](const std::string& about) {
    const finding one{severity::warns, about, "so"};
    return located({one}, "/etc/h.conf", "lb1", reader_of(all)).at(0).text();
  };
  EXPECT_EQ(at("service web timeout"), "/etc/h.conf:6:1: so");
  EXPECT_EQ(at("service web server 1"), "/etc/h.conf:5:2: so");
  EXPECT_EQ(at("service web server 12"), "/etc/h.conf:5:2: so") << "no line is about it: about the servers, then";
  EXPECT_EQ(at("service web idle_timeout"), "/etc/h.conf:6:1: so") << "and about its service";
  EXPECT_EQ(at("service default hash"), "/etc/h.conf:1:1: so");
  EXPECT_EQ(at("cluster key"), "/etc/h.conf: so");
  EXPECT_EQ(at(""), "/etc/h.conf: so");
}

TEST(Warning, IsGivenOfAnAddressWithoutALength) {
  const std::string group = "vrrp front interface eth0\nvrrp front id 51\n";
  EXPECT_EQ(warnings(group + "vrrp front address 192.0.2.80\n"),
            std::vector<std::string>{"/etc/h.conf:3:1: a virtual address without the length of its network is "
                                     "192.0.2.80/32: expected, for example, 192.0.2.80/24"});
  EXPECT_TRUE(warnings(group + "vrrp front address 192.0.2.80/32\n").empty()) << "who says it means it";
}

TEST(Warning, IsNeededForNoFileOfOneNode) {
  EXPECT_TRUE(warnings("listen 80\n").empty());
  EXPECT_TRUE(warnings("vrrp front interface eth0\nvrrp front id 51\nvrrp front address 192.0.2.80/24\n").empty());
}

TEST(Include, IsReadInItsPlaceFromBesideTheFile) {
  EXPECT_EQ(
      loaded({{"/etc/h.conf", "timeout 4\ninclude web.conf\ntimeout 6\n"}, {"/etc/web.conf", "hash\ntimeout 5\n"}}),
      "hash\ntimeout 6s\n");
  EXPECT_EQ(loaded({{"/etc/h.conf", "include /srv/x\n"}, {"/srv/x", "include y\n"}, {"/srv/y", "hash\n"}}), "hash\n");
}

TEST(Include, EndsTheServiceThatItBegan) {
  EXPECT_EQ(
      loaded({{"/etc/h.conf", "service web\ninclude x\ntimeout 6\n"}, {"/etc/x", "timeout 7\nservice mail\nhash\n"}}),
      "service mail\nhash\n\nservice web\ntimeout 6s\n");
}

TEST(Include, SaysWhatIsWrongWhere) {
  EXPECT_EQ(loaded({{"/etc/h.conf", "\ninclude x\n"}, {"/etc/x", "hash\n\nfoo\n"}}), "/etc/x:3:1: expected a command");
  EXPECT_EQ(loaded("\ninclude x\n"), "/etc/h.conf:2:1: include /etc/x: /etc/x: no such file");
  EXPECT_EQ(loaded({{"/etc/h.conf", "include x\n"}, {"/etc/x", "hash\ninclude h.conf\n"}}),
            "/etc/x:2:1: /etc/h.conf includes itself");
}

TEST(Include, IsAtMostEightDeep) {
  files all{{"/etc/h.conf", "include 1\n"}};
  for (std::size_t i = 1; i < max_include_depth; ++i) {
    all["/etc/" + std::to_string(i)] = "include " + std::to_string(i + 1) + "\n";
  }
  all["/etc/8"] = "hash\n";
  EXPECT_EQ(loaded(all), "hash\n");
  all["/etc/8"] = "include 9\n";
  all["/etc/9"] = "hash\n";
  EXPECT_EQ(loaded(all), "/etc/8:1:1: expected at most 8 files that include each other");
}

TEST(Include, IsNotFollowedForOtherNodes) { EXPECT_EQ(loaded("on lb2 include nowhere\nhash\n"), "hash\n"); }

// Random settings, made by saying random commands; what is refused changes nothing.
settings random_settings(std::uint64_t seed) {
  word_maker words(seed);
  settings made;
  for (std::size_t i = words.below(60); i > 0; --i) {
    const topic& t = table().at(words.below(table().size()));
    const row& r = t.rows.at(words.below(t.rows.size()));
    if (r.where == said::control) continue;
    auto s = parse(words.line_of(r), source::file);
    if (s && r.of == about::service) s->service = std::array{"", "web", "7"}.at(words.below(3));
    if (s) static_cast<void>(apply(made, *s));
  }
  made.to_disable.clear();  // is done, not kept
  return made;
}

TEST(WrittenConfiguration, LoadsBackToTheSameSettings) {
  std::size_t lines = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const settings s = random_settings(seed);
    const std::string text = write_config(s);
    const auto again = load_config_text(text, "/etc/h.conf", "lb1", reader_of({}));
    ASSERT_TRUE(again) << "seed " << seed << ": " << again.error().text() << '\n' << text;
    ASSERT_EQ(*again, s) << "seed " << seed << '\n' << text << "---\n" << write_config(*again);
    lines += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  EXPECT_GT(lines, 10'000U);  // the generator says something
}

}  // namespace

}  // namespace holdfast
