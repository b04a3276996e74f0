#include "base/loop/loop_io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace holdfast {

namespace asio = boost::asio;

loop::loop() : io_(std::make_unique<asio::io_context>(1)) {}
loop::~loop() = default;

void loop::run() { io_->run(); }

void run_soon(asio::io_context& io, std::function<void()> what) { asio::post(io, std::move(what)); }

void run_after(asio::io_context& io, duration wait, std::function<void()> what) {
  const auto timer = std::make_shared<asio::steady_timer>(io, wait);
  timer->async_wait([timer, what = std::move(what)](boost::system::error_code) { what(); });
}

void stop_running(asio::io_context& io) { io.stop(); }

}  // namespace holdfast
