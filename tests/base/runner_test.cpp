#include "base/runner.h"

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace holdfast {

namespace {

using testing::ElementsAre;

// Orders what it is told, as it is told.
struct echo {
  using event = std::variant<std::string, wake>;
  using effects = effect_list<std::string, 2>;

  effects on(const event& e, instant) { return {std::get<std::string>(e)}; }
  std::optional<instant> deadline() const { return std::nullopt; }
};

constexpr auto no_time = [] { return instant{}; };

TEST(Runner, CarriesOutOrders) {
  runner<echo> r{echo{}};
  std::vector<std::string> done;
  const auto perform = [&](const echo::effects& all) { done.insert(done.end(), all.begin(), all.end()); };
  EXPECT_TRUE(r.feed("a", no_time, perform));
  EXPECT_TRUE(r.feed("b", no_time, perform));
  EXPECT_THAT(done, ElementsAre("a", "b"));
}

TEST(Runner, LetsFactsWaitUntilTheOrdersBeforeAreCarriedOutAndAnswersComeFirst) {
  runner<echo> r{echo{}};
  std::vector<std::string> done;
  std::function<void(const echo::effects&)> perform = [&](const echo::effects& all) {
    const std::string order = all.front();
    if (order == "a") {
      EXPECT_FALSE(r.feed("fact 1", no_time, perform));
      EXPECT_FALSE(r.feed("fact 2", no_time, perform));
      r.answer("answer 1");
      r.answer("answer 2");
    }
    if (order == "answer 1") r.answer("answer 3");
    done.push_back(order);
  };
  EXPECT_TRUE(r.feed("a", no_time, perform));
  EXPECT_THAT(done, ElementsAre("a", "answer 1", "answer 2", "answer 3", "fact 1", "fact 2"));
}

TEST(RunnerDeathTest, TakesNoAnswerToNoOrder) {
  runner<echo> r{echo{}};
  EXPECT_DEATH(r.answer("a"), "busy_");
}

}  // namespace

}  // namespace holdfast
