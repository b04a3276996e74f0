// Runs a machine on Boost.Asio: feeds it events with the time, hands its orders to whoever performs them, and says
// wake{} when its deadline has come. Decides nothing. One thread: the io_context's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock_io.h"
#include "base/machine.h"
#include "base/runner.h"

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
  using effects = typename M::effects;
  using effect = typename effects::value_type;

  driver(boost::asio::io_context& io, M what, std::function<void(const effect&)> perform)
      : runner_(std::move(what)), perform_(std::move(perform)), alarm_(io, [this] { feed(wake{}); }) {
    alarm_.set(due());
  }

  // From within perform: when the orders before it are carried out.
  void feed(event e) {
    if (stopped_) return;
    const auto perform = [this](const effects& orders) {
      for (const effect& order : orders) perform_(order);
    };
    if (runner_.feed(std::move(e), monotonic_now, perform)) alarm_.set(due());
  }
  // From within perform: what came of the order, before any other fact.
  void answer(event e) { runner_.answer(std::move(e)); }

  void stop() {  // nothing is fed any more
    stopped_ = true;
    alarm_.set(std::nullopt);
  }

  const M& state() const { return runner_.state(); }

 private:
  std::optional<instant> due() const { return stopped_ ? std::nullopt : state().deadline(); }

  runner<M> runner_;
  std::function<void(const effect&)> perform_;
  alarm alarm_;
  bool stopped_ = false;
};

}  // namespace holdfast
