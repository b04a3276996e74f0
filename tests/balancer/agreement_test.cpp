// What a node does in a change of all nodes; what comes of it for all together, tests/sim/change_story.cpp tells.
#include "balancer/agreement/agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t number = agreement_ids + 8;  // of the first change

// What a node is told to do, in short.
struct in_short {
  std::string operator()(const agreement::send& o) const {
    if (const auto* order = std::get_if<sync_order>(&o.what)) {
      const char* const words[] = {"say", "prepare", "commit", "forget", "keep"};
      return words[static_cast<int>(order->phase)] + (" " + o.node);
    }
    const auto& answer = std::get<sync_answer>(o.what);
    return o.node + (answer.accepted ? ": yes" : ": no, ") + answer.text;
  }
  std::string operator()(const agreement::rehearse&) const { return "rehearse"; }
  std::string operator()(const agreement::make& o) const { return o.keep ? "make and keep" : "make"; }
  std::string operator()(const agreement::keep&) const { return "keep"; }
  std::string operator()(const agreement::undo&) const { return "undo"; }
  std::string operator()(const agreement::done& o) const { return (o.accepted ? "done" : "refused: ") + o.why; }
};

class Agreement : public ::testing::Test {
 protected:
  using orders = std::vector<std::string>;

  orders tell(const agreement::event& e) {
    orders all;
    for (const agreement::effect& o : node_.on(e, now_)) all.push_back(std::visit(in_short(), o));
    return all;
  }
  orders ask(order_phase phase, std::uint64_t change = number) {
    const sync_order what{.id = change | static_cast<std::uint64_t>(phase), .phase = phase, .text = "x"};
    return tell(agreement::asked{"lb2", what});
  }
  orders hear(const std::string& node, order_phase phase, bool accepted = true, const std::string& text = {}) {
    const std::uint64_t id = number | static_cast<std::uint64_t>(phase);
    return tell(agreement::answered{node, {.id = id, .accepted = accepted, .text = text}});
  }
  orders wait(duration time) {
    now_ += time;
    return tell(wake{});
  }
  void meet_both() {
    tell(agreement::met{.node = "lb2"});
    tell(agreement::met{.node = "lb3"});
  }
  void promise() {
    tell(agreement::met{.node = "lb2"});
    EXPECT_THAT(ask(order_phase::prepare), ElementsAre("rehearse"));
    EXPECT_THAT(tell(agreement::tried{true, ""}), ElementsAre("lb2: yes"));
  }
  void make() {
    promise();
    EXPECT_THAT(ask(order_phase::commit), ElementsAre("make"));
    EXPECT_THAT(tell(agreement::tried{true, ""}), ElementsAre("lb2: yes"));
  }

  agreement node_{{"lb2", "lb3"}};
  instant now_{1h};
};

TEST_F(Agreement, MakesItWhenAllOthersHave) {
  meet_both();
  EXPECT_THAT(tell(agreement::wanted{"x"}), ElementsAre("rehearse"));
  EXPECT_THAT(tell(agreement::tried{true, ""}), ElementsAre("prepare lb2", "prepare lb3"));
  EXPECT_TRUE(node_.is_reserved());
  EXPECT_THAT(hear("lb3", order_phase::prepare), IsEmpty());
  EXPECT_THAT(hear("lb2", order_phase::prepare), ElementsAre("commit lb2", "commit lb3"));
  EXPECT_THAT(hear("lb2", order_phase::commit), IsEmpty());
  EXPECT_THAT(hear("lb3", order_phase::commit), ElementsAre("make and keep"));
  EXPECT_THAT(tell(agreement::tried{true, ""}), ElementsAre("keep lb2", "keep lb3"));
  EXPECT_THAT(hear("lb2", order_phase::keep), IsEmpty());
  EXPECT_THAT(hear("lb3", order_phase::keep), ElementsAre("done"));
  EXPECT_FALSE(node_.is_reserved());
}

TEST_F(Agreement, MakesNothingWhenOneCanNot) {
  meet_both();
  tell(agreement::wanted{"x"});
  tell(agreement::tried{true, ""});
  hear("lb2", order_phase::prepare);
  hear("lb3", order_phase::prepare);
  hear("lb3", order_phase::commit);
  EXPECT_THAT(hear("lb2", order_phase::commit, false, "the port is in use"), ElementsAre("forget lb2", "forget lb3"));
  hear("lb2", order_phase::forget);
  EXPECT_THAT(hear("lb3", order_phase::forget), ElementsAre("refused: nothing was changed: lb2: the port is in use"));
}

TEST_F(Agreement, TakesNoAnswerForAnother) {
  meet_both();
  tell(agreement::wanted{"x"});
  tell(agreement::tried{true, ""});
  EXPECT_THAT(hear("lb2", order_phase::prepare, false, "no"), ElementsAre("forget lb2", "forget lb3"));
  hear("lb2", order_phase::forget);
  EXPECT_THAT(hear("lb3", order_phase::prepare), IsEmpty()) << "was under way";
  EXPECT_TRUE(node_.is_reserved());
}

TEST_F(Agreement, ThatLosesANodeTellsItLater) {
  meet_both();
  tell(agreement::wanted{"x"});
  tell(agreement::tried{true, ""});
  hear("lb2", order_phase::prepare);
  hear("lb3", order_phase::prepare);
  EXPECT_THAT(tell(agreement::lost{"lb3"}), ElementsAre("forget lb2"));
  EXPECT_THAT(
      hear("lb2", order_phase::forget),
      ElementsAre("refused: nothing was changed: lb3: the connection to it ended; lb3 has not confirmed that, and "
                  "hears it again when it is connected anew"));
  EXPECT_THAT(tell(agreement::met{.node = "lb3"}), ElementsAre("forget lb3"));
  EXPECT_THAT(
      tell(agreement::wanted{"y"}),
      ElementsAre("refused: nothing was changed: lb3: it hasn't confirmed yet what became of the change before"));
  hear("lb3", order_phase::forget);
  EXPECT_THAT(tell(agreement::wanted{"y"}), ElementsAre("rehearse"));
}

TEST_F(Agreement, WaitsTenSecondsForOthers) {
  meet_both();
  tell(agreement::wanted{"x"});
  tell(agreement::tried{true, ""});
  hear("lb3", order_phase::prepare);
  EXPECT_THAT(wait(9s), IsEmpty());
  EXPECT_THAT(wait(1s), ElementsAre("forget lb2", "forget lb3"));
  EXPECT_EQ(wait(10s).size(), 1U);
  EXPECT_FALSE(node_.is_reserved());
}

TEST_F(Agreement, NeedsAllNodesAndNoOlderOnes) {
  tell(agreement::met{.node = "lb2"});
  EXPECT_THAT(tell(agreement::wanted{"x"}), ElementsAre("refused: nothing was changed: lb3: not connected"));
  tell(agreement::met{.node = "lb3", .older = true});
  EXPECT_THAT(
      tell(agreement::wanted{"x"}),
      ElementsAre("refused: nothing was changed: lb3: its version can't take a change back: update it, or say it "
                  "on each node"));
  tell(agreement::met{.node = "lb2", .older = true});
  EXPECT_THAT(ask(order_phase::prepare, 1),
              ElementsAre("lb2: no, the version of lb2 can't take a change back: update it"));
}

TEST_F(Agreement, PromisesOneChangeAtATime) {
  promise();
  EXPECT_TRUE(node_.is_reserved());
  EXPECT_THAT(ask(order_phase::prepare, number + 8), ElementsAre("lb2: no, another change of all nodes is under way"));
  EXPECT_THAT(tell(agreement::wanted{"y"}),
              ElementsAre("refused: nothing was changed: another change of all nodes is under way"));
  EXPECT_THAT(ask(order_phase::forget), ElementsAre("lb2: yes"));
  EXPECT_FALSE(node_.is_reserved());
}

TEST_F(Agreement, KeepsNoPromiseForWhoIsGoneOrSilent) {
  promise();
  EXPECT_THAT(tell(agreement::lost{"lb2"}), IsEmpty());
  EXPECT_FALSE(node_.is_reserved());
  promise();
  EXPECT_THAT(wait(promise_life), IsEmpty());
  EXPECT_FALSE(node_.is_reserved());
  EXPECT_THAT(ask(order_phase::commit), ElementsAre("lb2: no, it was not promised here, or too long ago"));
}

TEST_F(Agreement, UndoesWhatIsForgotten) {
  make();
  EXPECT_TRUE(node_.is_reserved());
  EXPECT_THAT(ask(order_phase::forget), ElementsAre("undo", "lb2: yes"));
  EXPECT_FALSE(node_.is_reserved());
}

TEST_F(Agreement, KeepsOnceWhatItIsToldTwice) {
  make();
  EXPECT_THAT(ask(order_phase::keep), ElementsAre("keep"));
  EXPECT_THAT(tell(agreement::tried{true, ""}), ElementsAre("lb2: yes"));
  EXPECT_THAT(ask(order_phase::keep), ElementsAre("lb2: yes"));
}

TEST_F(Agreement, InDoubtWaitsForWhoseChangeItIs) {
  make();
  EXPECT_THAT(tell(agreement::lost{"lb2"}), IsEmpty());
  EXPECT_FALSE(node_.is_reserved()) << "its operators may work";
  EXPECT_THAT(tell(agreement::wanted{"y"}),
              ElementsAre("refused: nothing was changed: what lb2 wanted is not decided yet: it has to say so"));
  EXPECT_THAT(tell(agreement::met{.node = "lb2"}), IsEmpty());
  EXPECT_THAT(ask(order_phase::forget), ElementsAre("undo", "lb2: yes"));
}

TEST_F(Agreement, InDoubtUndoesItWhenTheOtherHasStartedAnew) {
  make();
  tell(agreement::lost{"lb2"});
  EXPECT_THAT(tell(agreement::met{.node = "lb2", .afresh = true}), ElementsAre("undo"));
  EXPECT_THAT(ask(order_phase::keep), ElementsAre("lb2: no, it was not made here"));
}

}  // namespace
}  // namespace holdfast
