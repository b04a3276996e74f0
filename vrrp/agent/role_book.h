// What the balancer is to be told of our groups' roles: each news once on a connection, all of them anew on the next.
// Knows no connection.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/vocabulary.h"

namespace holdfast {

class role_book {
 public:
  // role::gone: there is no such group any more, which who is connected is told yet.
  void note(const role_change& now) { roles_[now.group] = {.is = now.is, .said = false}; }

  // What is to be said next; none: all has been.
  std::optional<role_change> next() const;
  void was_said(const role_change& what);

  // Nobody has been told anything: groups that have gone are no news.
  void begin_anew();
  void drop_gone();  // nobody is there to be told

 private:
  struct spoken {
    role is = role::initialize;
    bool said = false;  // on this connection
  };
  std::map<std::string, spoken> roles_;
};

}  // namespace holdfast
