#include "balancer/logs/log_place.h"

#include <gtest/gtest.h>

#include "balancer/names/name_book.h"

namespace holdfast {
namespace {

using namespace std::chrono_literals;

TEST(LogPlace, IsAsSaidWhereThereIsNoName) {
  const place file{"", "", "/var/log/x"};
  EXPECT_EQ(log_place(std::nullopt, resolver()), std::nullopt);
  EXPECT_EQ(log_place(file, resolver()), file);
  EXPECT_EQ(log_place(place{"192.0.2.1", "514", ""}, resolver()), (place{"192.0.2.1", "514", ""}));
}

TEST(LogPlace, WaitsForTheNameOfItsHost) {
  const place said{"logs.example", "514", ""};
  name_book book;
  book.on(name_book::wanted{{"logs.example"}, 30s}, instant(1h));
  EXPECT_EQ(log_place(said, resolver(book)), std::nullopt);
  book.on(name_book::found{"logs.example", {*address::parse("192.0.2.7")}}, instant(1h));
  EXPECT_EQ(log_place(said, resolver(book)), (place{"192.0.2.7", "514", ""}));
}

TEST(LogPlace, StaysWrongWhereItIs) {
  const place wrong{"192.0.2.1", "no-such-port", ""};
  EXPECT_EQ(log_place(wrong, resolver()), wrong) << "who opens it says why";
}

}  // namespace
}  // namespace holdfast
