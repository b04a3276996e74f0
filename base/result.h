// result<T, E>: a value, or the reason why there is none. For input from outside (packets, lines, files): no
// exceptions.
#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <utility>

namespace holdfast {

// E is a small enum of refusals, or a struct that says column and expectation. Ask has_value() (or bool) before `*`.
template <class T, class E>
using result = boost::system::result<T, E>;

// A sentence that says why not, for results whose value could be taken for a text: `return failure{"no such file"};`
struct failure {
  std::string why;

  template <class T>
  operator result<T, std::string>() && {  // NOLINT(google-explicit-constructor): it is meant to be returned
    return {boost::system::in_place_error, std::move(why)};
  }
};

}  // namespace holdfast
