#include "balancer/table/server_names.h"

#include <gtest/gtest.h>

#include "balancer/choice/pool.h"

namespace holdfast {
namespace {

TEST(ServerNames, GiveEachIdentityOneNumber) {
  server_names names;
  EXPECT_EQ(names.know("a"), 1U);
  EXPECT_EQ(names.know("b"), 2U);
  EXPECT_EQ(names.know("a"), 1U);
  EXPECT_EQ(names.identity_of(2), "b");
  EXPECT_EQ(names.identity_of(0), "");
  EXPECT_EQ(names.identity_of(3), "");
}

TEST(ServerNames, TellThoseAfterANumber) {
  server_names names;
  for (const char* one : {"a", "b", "c"}) names.know(one);
  const auto all = names.after(1);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0], (std::pair<server_id, std::string>(2, "b")));
  EXPECT_TRUE(names.after(3).empty());
}

TEST(ServerNames, HaveAnEnd) {
  server_names names;
  for (std::size_t i = 0; i < max_server_names; ++i) ASSERT_TRUE(names.know(std::to_string(i)));
  EXPECT_EQ(names.know("one more"), std::nullopt);
  EXPECT_EQ(names.know("0"), 1U) << "who has one keeps it";
}

TEST(ServerNames, TeachATableBeforeANumberIsUsed) {
  server_names names;
  names.know("early");
  const auto table = std::make_shared<client_table>(10, 1);
  names.teach(table);
  const auto late = names.know("late");
  table->settle(address::v4(1), *late, 1'700'000'000'000);
  table->settle(address::v4(2), 1, 1'700'000'000'000);
  EXPECT_EQ(table->size(), 2U);
}

}  // namespace
}  // namespace holdfast
