// The balancer as tests start it: its output is shown when the test has failed, and may hold no report of a sanitizer.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/lab/testbed.h"

namespace holdfast::lab {

class watched_balancer : public balancer {
 public:
  using balancer::balancer;
  watched_balancer(const watched_balancer&) = delete;
  watched_balancer& operator=(const watched_balancer&) = delete;
  ~watched_balancer() {
    EXPECT_EQ(program().output().find("Sanitizer"), std::string::npos) << "a sanitizer has found something";
    if (::testing::Test::HasFailure())
      std::fprintf(stderr, "--- the balancer said:\n%s---\n", program().output().c_str());
  }
};

}  // namespace holdfast::lab
