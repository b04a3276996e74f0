#include "balancer/names/name_book.h"

#include <gtest/gtest.h>

#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

const address four = *address::parse("192.0.2.1");
const address other_four = *address::parse("192.0.2.2");
const address six = *address::parse("2001:db8::1");

// What it orders, in a word each.
class book {
 public:
  std::string told(const name_book::event& what, duration when) {
    std::string out;
    for (const auto& order : book_.on(what, at(when))) {
      out += out.empty() ? "" : " ";
      std::visit([&](const auto& o) { out += word(o) + o.name; }, order);
    }
    return out;
  }
  std::string wants(std::set<std::string> names, duration when, duration every = 30s) {
    return told(name_book::wanted{std::move(names), every}, when);
  }
  const name_book& is() const { return book_; }

 private:
  static std::string word(const name_book::look_up&) { return "ask:"; }
  static std::string word(const name_book::moved&) { return "moved:"; }
  static std::string word(const name_book::lost&) { return "lost:"; }
  static std::string word(const name_book::regained&) { return "regained:"; }

  name_book book_;
};

TEST(NameBook, AsksAtOnceAndAgainEveryThirtySeconds) {
  book b;
  EXPECT_EQ(b.wants({"web"}, 0s), "ask:web");
  EXPECT_EQ(b.is().deadline(), std::nullopt);
  EXPECT_EQ(b.told(name_book::found{"web", {four}}, 1s), "moved:web");
  EXPECT_EQ(b.is().deadline(), at(31s));
  EXPECT_EQ(b.told(wake{}, 30s), "");
  EXPECT_EQ(b.told(wake{}, 31s), "ask:web");
  EXPECT_EQ(b.told(name_book::found{"web", {four}}, 32s), "");
}

TEST(NameBook, OrdersAddressesAlikeWhateverTheAnswersOrder) {
  book b;
  b.wants({"web"}, 0s);
  b.told(name_book::found{"web", {six, other_four, four, four}}, 1s);
  EXPECT_EQ(b.is().addresses("web"), (std::vector{four, other_four, six}));
  EXPECT_EQ(b.told(name_book::found{"web", {four, six, other_four}}, 2s), "") << "the same ones";
}

TEST(NameBook, TakesAtMostSixteenAddresses) {
  book b;
  b.wants({"web"}, 0s);
  std::vector<address> many;
  for (std::uint32_t i = 0; i < 40; ++i) many.push_back(address::v4(0x0a000000 + i));
  b.told(name_book::found{"web", many}, 1s);
  EXPECT_EQ(b.is().addresses("web").size(), max_server_addresses);
}

TEST(NameBook, KeepsWhatItKnewOfANameThatIsLostAndSaysSoOnce) {
  book b;
  b.wants({"web"}, 0s);
  b.told(name_book::found{"web", {four}}, 1s);
  EXPECT_EQ(b.told(wake{}, 31s), "ask:web");
  EXPECT_EQ(b.told(name_book::failed{"web", "silence"}, 50s), "lost:web");
  EXPECT_EQ(b.is().addresses("web"), std::vector{four});
  EXPECT_EQ(b.told(wake{}, 55s), "ask:web") << "soon, as it is lost";
  EXPECT_EQ(b.told(name_book::failed{"web", "silence"}, 75s), "");
  EXPECT_EQ(b.told(wake{}, 80s), "ask:web");
  EXPECT_EQ(b.told(name_book::found{"web", {six}}, 81s), "regained:web moved:web");
}

TEST(NameBook, AsksForFourNamesAtATime) {
  book b;
  EXPECT_EQ(b.wants({"a", "b", "c", "d", "e", "f"}, 0s), "ask:a ask:b ask:c ask:d");
  EXPECT_EQ(b.is().deadline(), std::nullopt);
  EXPECT_EQ(b.told(name_book::failed{"b", "silence"}, 20s), "lost:b ask:e");
  EXPECT_EQ(b.told(name_book::found{"a", {four}}, 21s), "moved:a ask:f");
  EXPECT_EQ(b.is().unanswered(), (std::set<std::string>{"c", "d", "e", "f"}));
}

TEST(NameBook, ForgetsWhatNobodyWantsAndKeepsTheRest) {
  book b;
  b.wants({"a", "b"}, 0s);
  b.told(name_book::found{"a", {four}}, 1s);
  EXPECT_EQ(b.wants({"a"}, 2s), "");
  EXPECT_EQ(b.is().addresses("a"), std::vector{four});
  EXPECT_EQ(b.told(name_book::found{"b", {four}}, 3s), "") << "too late";
  EXPECT_TRUE(b.is().addresses("b").empty());
  EXPECT_EQ(b.is().deadline(), at(31s));
}

TEST(NameBook, AsksOnlyWhenDoubtedIfNotToldHowOften) {
  book b;
  b.wants({"web"}, 0s, 0s);
  b.told(name_book::found{"web", {four}}, 1s);
  EXPECT_EQ(b.is().deadline(), std::nullopt);
  EXPECT_EQ(b.told(name_book::doubted{}, 1h), "ask:web");
  EXPECT_EQ(b.told(name_book::doubted{}, 2h), "") << "it is being asked";
}

TEST(NameBook, LooksSoonerWhenThatIsWanted) {
  book b;
  b.wants({"web"}, 0s, 10min);
  b.told(name_book::found{"web", {four}}, 0s);
  b.wants({"web"}, 1min, 30s);
  EXPECT_EQ(b.is().deadline(), at(90s));
  b.wants({"web"}, 80s, 30s);
  EXPECT_EQ(b.is().deadline(), at(90s)) << "a change does not put it off";
}

TEST(NamesIn, AreAllHostsThatAreNoAddresses) {
  settings said;
  auto& web = said.services["web"];
  web.listeners = {{"vip", "80", ""}, {"", "81", ""}, {"", "", "/run/web"}};
  web.servers = {{.name = "0", .where = {"one", "80", ""}}, {.name = "1", .where = {"192.0.2.1", "80", ""}}};
  web.emergency = place{"sorry", "80", ""};
  web.abuse = place{"2001:db8::1", "80", ""};
  said.control_tcp = place{"inside", "8888", ""};
  said.log = place{"loghost", "514", ""};
  EXPECT_EQ(names_in(said), (std::set<std::string>{"vip", "one", "sorry", "inside", "loghost"}));
}

TEST(NameBook, WritesAddressesInOneWord) {
  EXPECT_EQ(text_of({*address::parse("192.0.2.1"), *address::parse("192.0.2.2")}), "192.0.2.1,192.0.2.2");
  EXPECT_EQ(text_of({}), "none");
}

}  // namespace
}  // namespace holdfast
