#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <algorithm>

#include "balancer/names/name_lookup_io.h"
#include "balancer/names/resolver.h"

namespace holdfast {
namespace {

const std::string unheard_of(64, 'x');  // longer than a label may be: no name server is asked

TEST(NameLookup, KnowsTheNamesOfThisMachineAfterAMoment) {
  boost::asio::io_context io;
  name_lookup lookups(io, false, [] {});
  lookups.feed(name_book::wanted{{"localhost"}, 30s});
  lookups.wait(10s);
  const auto& known = lookups.known().addresses("localhost");
  EXPECT_NE(std::find(known.begin(), known.end(), *address::parse("127.0.0.1")), known.end());
}

TEST(NameLookup, TellsOfAnAnswerThatComesLater) {
  boost::asio::io_context io;
  const auto busy = boost::asio::make_work_guard(io);
  int moved = 0;
  name_lookup lookups(io, false, [&] {
    ++moved;
    io.stop();
  });
  lookups.feed(name_book::wanted{{"localhost"}, 30s});
  EXPECT_TRUE(lookups.known().addresses("localhost").empty()) << "nobody has waited";
  io.run_for(10s);
  EXPECT_EQ(moved, 1);
  EXPECT_FALSE(lookups.known().addresses("localhost").empty());
}

TEST(NameLookup, EndsWithLookUpsUnderWay) {
  boost::asio::io_context io;
  {
    name_lookup lookups(io, false, [] { ADD_FAILURE() << "nobody is there any more"; });
    lookups.feed(name_book::wanted{{"localhost", unheard_of}, 30s});
  }
  io.run_for(1ms);
}

TEST(NameLookup, LeavesANameThatIsNotFoundUnknown) {
  boost::asio::io_context io;
  name_lookup lookups(io, false, [] {});
  lookups.feed(name_book::wanted{{unheard_of}, 30s});
  lookups.wait(10s);
  EXPECT_TRUE(lookups.known().unanswered().empty());
  EXPECT_TRUE(lookups.known().addresses(unheard_of).empty());
}

}  // namespace
}  // namespace holdfast
