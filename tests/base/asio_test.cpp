// Boost.Asio as we compile it: apart from who uses it.
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

namespace holdfast {
namespace {

#ifndef BOOST_ASIO_SEPARATE_COMPILATION
#error "each object compiles all of Asio"
#endif

TEST(Asio, WaitsForDescriptorsAndTimers) {
  boost::asio::io_context io;
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  boost::asio::posix::stream_descriptor reads(io, ends[0]), writes(io, ends[1]);
  std::string order;
  reads.async_wait(reads.wait_read, [&](boost::system::error_code failed) { order += failed ? 'x' : 'r'; });
  boost::asio::steady_timer soon(io, std::chrono::milliseconds(1));
  soon.async_wait([&](boost::system::error_code) {
    order += 't';
    EXPECT_EQ(write(writes.native_handle(), "!", 1), 1);
  });
  io.run();
  EXPECT_EQ(order, "tr");
}

}  // namespace
}  // namespace holdfast
