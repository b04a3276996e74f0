#include "base/loop/signals_io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

namespace holdfast {

struct signals::impl : std::enable_shared_from_this<impl> {
  impl(boost::asio::io_context& io, std::function<void(int)> h) : set(io), heard(std::move(h)) {}

  void wait() {
    set.async_wait([self = shared_from_this()](boost::system::error_code cancelled, int number) {
      if (cancelled || self->ended) return;
      self->heard(number);
      if (!self->ended) self->wait();
    });
  }

  boost::asio::signal_set set;
  std::function<void(int)> heard;
  bool ended = false;  // a signal may already stand in the queue
};

signals::signals(boost::asio::io_context& io, std::initializer_list<int> numbers, std::function<void(int)> heard)
    : impl_(std::make_shared<impl>(io, std::move(heard))) {
  for (const int number : numbers) impl_->set.add(number);
  impl_->wait();
}

signals::~signals() {
  impl_->ended = true;
  boost::system::error_code ignored;
  impl_->set.cancel(ignored);
  impl_->set.clear(ignored);
}

}  // namespace holdfast
