// Says when a descriptor has something to read, on Boost.Asio.
#pragma once

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace holdfast {

// Calls ready() on the io_context's thread as long as something is there to read: it need not read all. The descriptor
// is borrowed and must outlive this. ready() may destroy this, and isn't called after its end.
class readable {
 public:
  readable(boost::asio::io_context& io, int fd, std::function<void()> ready);
  ~readable();
  readable(const readable&) = delete;
  readable& operator=(const readable&) = delete;

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

}  // namespace holdfast
