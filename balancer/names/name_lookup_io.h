// Looks host names up, each on a thread of its own for so long, as the name_book orders: the control thread waits for
// no name server.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "balancer/names/name_book.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

class name_lookup {
 public:
  // moved: some names have other addresses than before; called on the control thread, never from within a call.
  // in_log: what becomes of names is said there.
  name_lookup(boost::asio::io_context& io, bool in_log, std::function<void()> moved);
  ~name_lookup();  // does not wait for the look-ups under way

  const name_book& known() const;

  void feed(const name_book::event& what);  // wanted or doubted

  // Until every wanted name has had its answer, at most so long: for a start, while nobody is served yet. An
  // answer that comes later counts as every other.
  void wait(duration most);

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace holdfast
