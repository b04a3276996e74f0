#include "base/loop/drive_io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace holdfast {

struct alarm::impl {
  boost::asio::steady_timer timer;
  std::function<void()> ring;
  unsigned setting = 0;  // which set() counts: a cancelled wait may already stand in the queue as a success
};

alarm::alarm(boost::asio::io_context& io, std::function<void()> ring)
    : impl_(std::make_shared<impl>(impl{boost::asio::steady_timer(io), std::move(ring)})) {}

alarm::~alarm() { set(std::nullopt); }

void alarm::set(std::optional<instant> when) {
  const unsigned setting = ++impl_->setting;
  impl_->timer.cancel();
  if (!when) return;
  impl_->timer.expires_at(*when);
  impl_->timer.async_wait([self = impl_, setting](const boost::system::error_code&) {
    if (setting == self->setting) self->ring();
  });
}

}  // namespace holdfast
