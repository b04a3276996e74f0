// The loop of a thread, which is Boost.Asio's io_context, for who needs no more of it than this and so not its headers:
// they cost a second of each file's compiling.
#pragma once

#include <functional>
#include <memory>

#include "base/machine.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

// An io_context that one thread runs.
class loop {
 public:
  loop();
  ~loop();
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

  operator boost::asio::io_context&() { return *io_; }  // NOLINT: a loop is one
  void run();                                           // until stop_running(), or until nothing is left to do

 private:
  std::unique_ptr<boost::asio::io_context> io_;
};

// Any thread. what() is called on the loop's, after what has been there before; never from within this call.
void run_soon(boost::asio::io_context& io, std::function<void()> what);
// The loop's thread. Not before that time; nothing takes it back.
void run_after(boost::asio::io_context& io, duration wait, std::function<void()> what);
// Any thread. What waits is dropped with the loop.
void stop_running(boost::asio::io_context& io);

}  // namespace holdfast
