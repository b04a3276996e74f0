// Runs a machine on Boost.Asio: feeds it events with the time, hands its orders to whoever performs them, and says
// wake{} when its deadline has come. Decides nothing. One thread: the io_context's.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/clock_io.h"
#include "base/ensure.h"
#include "base/machine.h"

namespace boost::asio {
class io_context;
}

namespace holdfast {

// A timer for one instant. ring is called at or after it, never before, and not after the alarm's end.
class alarm {
 public:
  alarm(boost::asio::io_context& io, std::function<void()> ring);
  ~alarm();
  alarm(const alarm&) = delete;
  alarm& operator=(const alarm&) = delete;

  // Takes the place of what was set before; none = do not ring. The past rings on the next turn of the loop.
  void set(std::optional<instant> when);

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

template <machine M>
class driver {
 public:
  using event = typename M::event;
  using effect = typename M::effects::value_type;

  // perform must not feed the driver: results return later, as events of their own.
  driver(boost::asio::io_context& io, M what, std::function<void(const effect&)> perform)
      : machine_(std::move(what)), perform_(std::move(perform)), alarm_(io, [this] { feed(wake{}); }) {
    alarm_.set(machine_.deadline());
  }

  void feed(const event& e) {
    ensure(!performing_);
    performing_ = true;
    for (const effect& order : machine_.on(e, monotonic_now())) perform_(order);
    performing_ = false;
    alarm_.set(machine_.deadline());
  }

  const M& what() const { return machine_; }

 private:
  M machine_;
  std::function<void(const effect&)> perform_;
  alarm alarm_;
  bool performing_ = false;
};

}  // namespace holdfast
