// That every command is a value: copied, moved and compared as what it is.
#include <gtest/gtest.h>

#include "cli/language/command.h"

namespace holdfast {
namespace {

template <class List, class T>
void is_a_value() {
  const one_of<List> made = T();
  one_of<List> copy = made;
  EXPECT_EQ(copy, made);
  EXPECT_NE(std::get_if<T>(&copy), nullptr);
  const one_of<List> moved = std::move(copy);
  EXPECT_EQ(moved, made);
  EXPECT_EQ(made == one_of<List>(), made.index() == 0);
}

template <class List, class... All>
void are_values(const std::variant<All...>*) {
  (is_a_value<List, All>(), ...);
}

template <class... Lists>
void all_are_values() {
  (are_values<Lists>(static_cast<const typename Lists::type*>(nullptr)), ...);
}

TEST(CommandKinds, AreValues) {
  all_are_values<say::changes, say::questions, say::common_requests, say::balancer_requests, say::cluster_requests,
                 say::vrrp_requests, say::procedures, commands>();
}

}  // namespace
}  // namespace holdfast
