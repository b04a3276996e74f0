// Signals of the process, heard on a loop as everything else is.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace holdfast {

class signals {
 public:
  // heard(number) is called on the io_context's thread for each that comes, until the end of this; it may be that end.
  // What these signals did before is done again afterwards. Throws std::exception.
  signals(boost::asio::io_context& io, std::initializer_list<int> numbers, std::function<void(int)> heard);
  ~signals();
  signals(const signals&) = delete;
  signals& operator=(const signals&) = delete;

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace holdfast
