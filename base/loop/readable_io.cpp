#include "base/loop/readable_io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace holdfast {

namespace asio = boost::asio;

struct readable::impl : std::enable_shared_from_this<impl> {
  impl(asio::io_context& io, int fd, std::function<void()> r) : stream(io, fd), ready(std::move(r)) {}

  asio::posix::stream_descriptor stream;
  std::function<void()> ready;
  bool over = false;

  void wait() {
    stream.async_wait(asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](boost::system::error_code failed) {
                        if (failed || self->over) return;
                        self->ready();
                        if (!self->over) self->wait();
                      });
  }
};

readable::readable(asio::io_context& io, int fd, std::function<void()> ready)
    : impl_(std::make_shared<impl>(io, fd, std::move(ready))) {
  impl_->wait();
}

readable::~readable() {
  impl_->over = true;
  impl_->stream.release();
}

}  // namespace holdfast
