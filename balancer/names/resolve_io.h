// Places as written to endpoints, by what is known of names. Never waits: port names are in a file of the system, host
// names in a name_book.
#pragma once

#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "cli/settings/settings.h"

namespace holdfast {

class name_book;

class resolver {
 public:
  resolver() = default;                                          // knows literal addresses alone
  explicit resolver(const name_book& known) : known_(&known) {}  // which outlives it

  // A server: all that its name means, in the order in which they are tried; empty: the name is not known (yet). host
  // "" = any address, port "" = 0. The error is a sentence.
  result<std::vector<endpoint>, std::string> find_all(const place& where) const;

  // What needs one address now, a listener for example: the first. Not known is an error, too.
  result<endpoint, std::string> find(const place& where) const;

 private:
  const name_book* known_ = nullptr;
};

}  // namespace holdfast
