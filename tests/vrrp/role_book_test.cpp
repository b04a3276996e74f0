#include "vrrp/agent/role_book.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

// All that it has to say, in the order in which it says it.
std::vector<role_change> said_by(role_book& book) {
  std::vector<role_change> all;
  while (const auto what = book.next()) {
    all.push_back(*what);
    book.was_said(*what);
  }
  return all;
}

TEST(RoleBook, SaysEachNewsOnce) {
  role_book book;
  book.note({"front", role::backup});
  ASSERT_EQ(said_by(book).size(), 1U);
  EXPECT_TRUE(said_by(book).empty());
  book.note({"front", role::active});
  const auto next = said_by(book);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].is, role::active);
}

TEST(RoleBook, SaysOnlyTheLatest) {
  role_book book;
  book.note({"front", role::backup});
  book.note({"front", role::active});
  const auto all = said_by(book);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].is, role::active);
}

TEST(RoleBook, SaysAllAnewOnAnotherConnection) {
  role_book book;
  book.note({"back", role::backup});
  book.note({"front", role::active});
  said_by(book);
  book.begin_anew();
  EXPECT_EQ(said_by(book).size(), 2U);
}

TEST(RoleBook, SaysThatAGroupIsGoneToWhoKnewIt) {
  role_book book;
  book.note({"front", role::active});
  said_by(book);
  book.note({"front", role::gone});
  EXPECT_EQ(said_by(book).size(), 1U);
  book.begin_anew();
  EXPECT_TRUE(said_by(book).empty());
  book.note({"front", role::gone});
  book.drop_gone();
  EXPECT_TRUE(said_by(book).empty());
}

}  // namespace
}  // namespace holdfast
