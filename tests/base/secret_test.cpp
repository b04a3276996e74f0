#include "base/tls/secret.h"

#include <gmock/gmock.h>

#include <new>
#include <type_traits>

namespace holdfast {

namespace {

using testing::Each;

static_assert(!std::is_copy_constructible_v<secret_key>);
static_assert(!std::is_copy_assignable_v<secret_key>);
static_assert(std::is_nothrow_move_constructible_v<secret_key>);
static_assert(std::is_nothrow_move_assignable_v<secret_key>);

secret_key filled(std::uint8_t with) {
  secret_key key;
  for (std::uint8_t& byte : key.bytes()) byte = with;
  return key;
}

TEST(Secret, IsZerosAtFirst) {
  const secret_key key;
  EXPECT_EQ(key.bytes().size(), 32U);
  EXPECT_THAT(key.bytes(), Each(0));
}

TEST(Secret, LeavesNothingBehindWhenItMoves) {
  secret_key first = filled(7);
  secret_key second = std::move(first);
  EXPECT_THAT(second.bytes(), Each(7));
  EXPECT_THAT(first.bytes(), Each(0));  // NOLINT(bugprone-use-after-move): that is the question
  secret_key third = filled(9);
  third = std::move(second);
  EXPECT_THAT(third.bytes(), Each(7));
  EXPECT_THAT(second.bytes(), Each(0));  // NOLINT(bugprone-use-after-move)
}

TEST(Secret, KeepsWhatItHasWhenItMovesToItself) {
  secret_key key = filled(7);
  secret_key& same = key;
  key = std::move(same);
  EXPECT_THAT(key.bytes(), Each(7));
}

TEST(Secret, LeavesNothingBehindWhenItEnds) {
  alignas(secret_key) std::array<std::uint8_t, sizeof(secret_key)> memory{};
  auto* key = new (memory.data()) secret_key(filled(7));
  EXPECT_THAT(key->bytes(), Each(7));
  key->~secret_key();
  EXPECT_THAT(memory, Each(0));
}

}  // namespace

}  // namespace holdfast
