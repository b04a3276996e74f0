// Drives one server's `health` machine on the control thread: its timer, its probes, its verdict in reach_live.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "balancer/choice/pool.h"
#include "balancer/health/health.h"
#include "balancer/health/probe_io.h"
#include "base/loop/drive_io.h"

namespace holdfast {

// returned: a check passed, so that a blacklisting after a failed connect is over.
enum class server_news : std::uint8_t { up, down, returned };

class server_check : public std::enable_shared_from_this<server_check> {
 public:
  using sweep_call = std::function<void(bool closes)>;  // see health::sweep
  using news_call = std::function<void(server_news, const std::string& why)>;

  // Checks a server, at all of its addresses, as the policy of its pool says; live: of it, or of a port of it. news:
  // called after something changed, with the last probe's reason.
  server_check(
      boost::asio::io_context& io, probe_target where, std::shared_ptr<const pool> of, std::uint64_t seed,
      std::shared_ptr<reach_live> live, news_call news, sweep_call sweep = [](bool) {});

  void change(probe_target where, std::shared_ptr<const pool> of);
  void connect_failed();
  void stop();  // no more probes; the server counts as up again

 private:
  void perform(const health::probe&);
  void perform(const health::moved& order);
  void perform(const health::forgive&);
  void perform(const health::sweep& order) { sweep_(order.closes); }

  boost::asio::io_context& io_;
  probe_target where_;
  std::shared_ptr<const pool> of_;
  std::shared_ptr<reach_live> live_;
  news_call news_;
  sweep_call sweep_;
  std::string last_why_;
  std::int64_t mark_ = 0;  // the blacklisting that stood when the probe began
  instant began_;
  driver<health> driver_;
};

}  // namespace holdfast
