#include "cli/language/table.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/cli/said_words.h"

namespace holdfast {

namespace {

template <class What>
void for_each_row(What what) {
  for (const topic& t : table()) {
    for (const row& r : t.rows) what(r);
  }
}

source where_it_may_be_said(const row& r) { return r.where == said::file ? source::file : source::control; }

TEST(Table, HasOneRowForEveryCommand) {
  std::set<command_id> seen;
  std::set<std::size_t> said;
  for_each_row([&](const row& r) {
    EXPECT_TRUE(seen.insert(r.says).second) << r.pattern;
    said.insert(r.says.alternative);
  });
  EXPECT_EQ(said.size(), alternatives);
}

TEST(Table, HasNoPatternTwice) {
  std::set<std::string> seen;
  for_each_row([&](const row& r) { EXPECT_TRUE(seen.insert(r.pattern).second) << r.pattern; });
}

TEST(Table, ExplainsEveryRowInSentences) {
  for (const topic& t : table()) {
    ASSERT_FALSE(t.rows.empty());
    EXPECT_FALSE(t.rows.front().sentence.empty()) << t.title;
    for (const row& r : t.rows) {
      EXPECT_TRUE(r.sentence.empty() || r.sentence.ends_with('.')) << r.pattern;
    }
  }
}

TEST(Table, HasArgumentsThatTakeTheWordsOfTheirChoices) {
  for_each_row([](const row& r) {
    const auto check = [&](const element& e) {
      for (const std::string& word : e.literals) {
        command made = r.unfilled;
        if (!e.fills) continue;
        ASSERT_TRUE(r.arguments.at(*e.fills).read(word, made)) << r.pattern << ": " << word;
        EXPECT_EQ(r.arguments.at(*e.fills).print(made), word) << r.pattern;
      }
    };
    for (const element& e : r.fixed) check(e);
    for (const auto& part : r.optional) std::for_each(part.begin(), part.end(), check);
  });
}

TEST(Table, LetsFilesAskNothing) {
  for_each_row([](const row& r) {
    const command c = r.unfilled;
    const bool change = std::holds_alternative<say::change>(c);
    const auto* request = std::get_if<say::common_request>(&c);
    const bool include = request != nullptr && std::holds_alternative<say::include>(*request);
    EXPECT_EQ(r.where == said::control, !change && !include) << r.pattern;
  });
}

// Who is asked follows from the kind of a request; what both daemons do is said to both.
TEST(Table, AsksEachDaemonWhatIsItsOwn) {
  for_each_row([](const row& r) {
    const command c = r.unfilled;
    EXPECT_TRUE(!std::holds_alternative<say::balancer_request>(c) || r.owns == owner::balancer) << r.pattern;
    EXPECT_TRUE(!std::holds_alternative<say::cluster_request>(c) || r.owns == owner::balancer) << r.pattern;
    EXPECT_TRUE(!std::holds_alternative<say::vrrp_request>(c) || r.owns == owner::vrrp) << r.pattern;
    EXPECT_TRUE(!std::holds_alternative<say::procedure>(c) || r.owns == owner::hfctl) << r.pattern;
    const bool of_a_group = r.pattern.find("vrrp") != std::string::npos;
    EXPECT_EQ(r.owns == owner::vrrp, of_a_group || r.pattern == "events [<count>]") << r.pattern;
  });
}

// "a number from 1 to 300": both ends are taken, what lies beyond is not.
TEST(EveryNumber, EndsAtItsLimits) {
  std::size_t seen = 0;
  for_each_row([&](const row& r) {
    for (const argument& h : r.arguments) {
      if (h.takes != word_kind::count) continue;
      const std::string expects = h.expects();
      const auto low = std::stoull(expects.substr(expects.find("from ") + 5));
      const auto high = std::stoull(expects.substr(expects.find(" to ") + 4));
      command made = r.unfilled;
      EXPECT_TRUE(h.read(std::to_string(low), made)) << r.pattern;
      EXPECT_TRUE(h.read(std::to_string(high), made)) << r.pattern;
      EXPECT_FALSE(h.read(std::to_string(high + 1), made)) << r.pattern;
      EXPECT_FALSE(h.read(low == 0 ? "-1" : std::to_string(low - 1), made)) << r.pattern;
      ++seen;
    }
  });
  EXPECT_GT(seen, 15U);
}

// "a duration from 10ms to 40950ms in steps of 10ms": the same, and nothing between the steps.
TEST(EveryTime, EndsAtItsLimitsAndKeepsItsSteps) {
  std::size_t seen = 0;
  for_each_row([&](const row& r) {
    for (const argument& h : r.arguments) {
      const std::string expects = h.expects();
      if (h.takes != word_kind::time || expects.find("from ") == std::string::npos) continue;
      const auto [low, high, step] = limits_of_time(expects);
      command made = r.unfilled;
      const auto takes = [&](duration time) { return time >= 0s && h.read(print_time(time), made); };
      EXPECT_TRUE(takes(low)) << r.pattern;
      EXPECT_TRUE(takes(high)) << r.pattern;
      EXPECT_FALSE(takes(high + step)) << r.pattern;
      EXPECT_FALSE(takes(low - 1ms)) << r.pattern;
      EXPECT_EQ(takes(low + 1ms), step == 1ms) << r.pattern;
      ++seen;
    }
  });
  EXPECT_GE(seen, 4U);
}

// The property on which file, socket and `write` rest, for every row and many values.
TEST(EveryRow, ReadsBackWhatItPrints) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    word_maker words(seed);
    for_each_row([&](const row& r) {
      const std::string line = words.line_of(r);
      const auto first = parse(line, where_it_may_be_said(r));
      ASSERT_TRUE(first) << "seed " << seed << ": " << line << ": " << first.error().text();
      ASSERT_TRUE(id_of(first->what) == r.says) << line;
      const auto second = parse(print(*first), where_it_may_be_said(r));
      ASSERT_TRUE(second) << "seed " << seed << ": " << line << " -> " << print(*first);
      ASSERT_EQ(*first, *second) << "seed " << seed << ": " << line << " -> " << print(*first);
    });
  }
}

TEST(EveryRow, TakesItsPrefixes) {
  word_maker words(1);
  for_each_row([&](const row& r) {
    const std::string line = "on lb1 " + std::string(r.of == about::service ? "service web " : "") + words.line_of(r);
    const auto s = parse(line, where_it_may_be_said(r));
    ASSERT_EQ(s.has_value(), r.pattern != "service <service>") << line;
    if (!s) return;
    EXPECT_EQ(s->node, "lb1");
    const auto again = parse(print(*s), where_it_may_be_said(r));
    ASSERT_TRUE(again) << line;
    EXPECT_EQ(*again, *s);
  });
}

TEST(EveryRow, MisunderstandsWordsTooMany) {
  word_maker words(2);
  for_each_row([&](const row& r) {
    const auto takes_all = [](const argument& h) { return h.takes == word_kind::rest; };
    if (std::any_of(r.arguments.begin(), r.arguments.end(), takes_all)) return;
    EXPECT_FALSE(parse(words.line_of(r) + " ~ ~", where_it_may_be_said(r))) << r.pattern;
  });
}

}  // namespace

}  // namespace holdfast
