// Floors and circles, shown by houses of a few lines.
#include "tests/tidy/floors.h"

#include <gmock/gmock.h>

namespace holdfast::tidy {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const floors house = read_floors(
    "x\nfloor(base USES spdlog::spdlog)\nfloor(base/loop KNOWS base)\n"
    "floor(cli KNOWS base/loop\n  USES Boost::json)\n");

std::size_t wrong(const std::string& path, const std::string& what) {
  return check_floors({path, "#include \"" + what + "\"\n"}, house).size();
}

TEST(Floors, AreReadWithWhatThoseBelowKnow) {
  EXPECT_THAT(house.at("base"), ElementsAre("base"));
  EXPECT_THAT(house.at("cli"), UnorderedElementsAre("base", "base/loop", "cli"));
}

TEST(Floors, StandAboveThoseThatKnowThem) {
  EXPECT_THROW(read_floors("\nfloor(a KNOWS b)\nfloor(b)\n"), std::runtime_error);
  EXPECT_THROW(read_floors("\nfloor(a KNOWS a)\n"), std::runtime_error);
}

TEST(Floors, LetIncludesGoDownOnly) {
  EXPECT_EQ(wrong("cli/x.h", "base/y.h"), 0U);
  EXPECT_EQ(wrong("cli/x.h", "cli/y.h"), 0U);
  EXPECT_EQ(wrong("base/x.h", "base/loop/y_io.h"), 1U);
  EXPECT_EQ(wrong("base/loop/x.h", "cli/y.h"), 1U);
  EXPECT_EQ(wrong("attic/x.h", "base/y.h"), 1U) << "no floor";
  EXPECT_EQ(wrong("cli/main.cpp", "attic/y.h"), 0U);
  EXPECT_EQ(wrong("tests/x.cpp", "attic/y.h"), 0U);
}

TEST(Floors, NameTheShortestCircle) {
  const auto file = [](const std::string& path, const std::string& other) {
    return source(path, "#include \"" + other + "\"\n");
  };
  EXPECT_THAT(shortest_cycle({file("a/x.h", "b/x.h"), file("b/x.h", "c/x.h")}), IsEmpty());
  EXPECT_THAT(shortest_cycle({file("a/x.h", "b/x.h"), file("b/x.h", "c/x.h"), file("c/x.h", "a/x.h"),
                              file("c/y.h", "d/x.h"), file("d/x.h", "c/x.h")}),
              ElementsAre("c", "d", "c"));
}

}  // namespace

}  // namespace holdfast::tidy
