#include "balancer/show/refusals_io.h"

#include "base/clock_io.h"
#include "base/log_io.h"

namespace holdfast {

refusal_log::refusal_log(boost::asio::io_context& io, std::function<std::vector<const pool*>()> pools)
    : next_(io, [this] { look(); }), pools_(std::move(pools)) {
  look();
}

void refusal_log::look() {
  std::map<std::uint32_t, told> known;  // and those of services that are no more are dropped
  for (const pool* p : pools_()) {
    told& of = known.emplace(p->service, by_service_[p->service]).first->second;
    const instant now = monotonic_now();
    if (const auto line = of.refused.say(*p, now)) log::warn("{}", *line);
    if (const auto line = of.forgotten.say(*p, now, steady_ms())) log::warn("{}", *line);
  }
  by_service_ = std::move(known);
  next_.set(monotonic_now() + 1s);
}

}  // namespace holdfast
