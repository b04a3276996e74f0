#include "balancer/cluster/sync_peer_io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/clock_io.h"
#include "base/log_io.h"
#include "cli/reply/cluster_view.h"

namespace holdfast {

namespace asio = boost::asio;

namespace {

std::uint64_t wall_us() {
  return static_cast<std::uint64_t>(duration_cast<std::chrono::microseconds>(wall_now().time_since_epoch()).count());
}

}  // namespace

stream_options sync_stream_options() {
  return {.frame_limit = sync_frame_limit,
          .queue_limit = 8 * sync_frame_limit,
          .connect_limit = std::chrono::seconds(1),
          .silence = std::chrono::seconds(3)};
}

sync_peer::sync_peer(asio::io_context& io, tls_context& tls, const sync_hello& own, const endpoint& from,
                     const channel_node& node, unsigned number, std::uint64_t seed,
                     const std::vector<shared_service>& services, listener tell)
    : io_(io),
      tls_(tls),
      from_(from),
      to_(node.where),
      number_(number),
      tables_(number, services),
      tell_(std::move(tell)),
      driver_(io, session(own, node.name, {.apart = clocks_apart}, seed, monotonic_now()),
              [this](const session::effect& order) { std::visit([this](const auto& o) { perform(o); }, order); }),
      others_(node.name, node.where.host) {}

sync_peer::~sync_peer() { *alive_ = false; }

void sync_peer::called(secure_stream stream, const sync_hello& hello, const endpoint& from) {
  if (const auto second = others_.hear(from.host, state().connected(), monotonic_now())) {
    if (second->is_news) log::warn("sync=refused node={} from={} why=\"{}\"", name(), from.host.text(), second->why);
    return;
  }
  if (const std::string why = state().objection(hello); !why.empty()) {
    log::debug("sync=declined node={} why=\"{}\"", name(), why);
    return;
  }
  others_.met(from.host);
  stream_ = std::move(stream);
  stream_.start(ears());
  feed(session::called{hello});
}

stream_callbacks sync_peer::ears() {
  tables_.begin();
  return {.opened = [this] { feed(session::opened{}); },
          .received =
              [this](std::span<const std::uint8_t> frame) {
                auto what = decode_sync(frame);
                if (what)
                  feed(session::received{std::move(*what), wall_us()});
                else
                  feed(session::misheard{what.error()});
              },
          .drained = [this] { feed(sender::drained{}); },
          .ended = [this](stream_end why) { feed(session::ended{why}); }};
}

void sync_peer::perform(const session::dial&) {
  others_.met(to_.host);
  const bool any = from_.host == address() || from_.host == address::v4(0);
  stream_ = secure_stream::dial(io_, tls_, sync_stream_options(), to_, any ? std::nullopt : std::optional(from_.host),
                                ears());
}

void sync_peer::perform(const session::hang_up&) { stream_.close(); }
void sync_peer::perform(const session::send& order) { send(order.what); }
void sync_peer::send(const sync_message& what) { stream_.send(encode(what)); }

template <class Order>
void sync_peer::perform(const Order& order) {
  auto done = tables_.perform(order, steady_ms());
  for (const sync_message& what : done.say) send(what);
  if (done.result) driver_.answer(std::move(*done.result));
  if (done.drains) breathe();
}

// The kernel may have taken it all at once: then nobody tells us later.
void sync_peer::breathe() {
  if (stream_.unsent() > 0) return;
  asio::post(io_, [this, alive = alive_] {
    if (*alive) feed(sender::drained{});
  });
}

void sync_peer::perform(const session::tell& order) {
  if (const auto* news = std::get_if<session_in_sync>(&order.what)) why_not_ = news->why;
  if (std::holds_alternative<session_connected>(order.what)) ++connection_;
  if (std::holds_alternative<session_lost>(order.what)) {
    status.reset();
    tables_.end();
  }
  asio::post(io_, [this, alive = alive_, what = order.what] {
    if (*alive) tell_(*this, what);
  });
}

channel_view::node sync_peer::view() const {
  channel_view::node out{.name = state().name(),
                         .software = state().software(),
                         .trouble = state().trouble(),
                         .connected = state().connected(),
                         .in_sync = state().in_sync(),
                         .why_not = why_not_,
                         .second = others_.trouble(monotonic_now()),
                         .since = state().since(),
                         .heard = state().heard(),
                         .round_trip = state().round_trip(),
                         .offset_us = state().offset_us(),
                         .bytes_in = stream_.bytes_in(),
                         .bytes_out = stream_.bytes_out(),
                         .skipped = tables_.skipped(),
                         .status = status,
                         .services = {}};
  for (const auto& seen : state().view()) out.services.push_back(tables_.view(seen, steady_ms()));
  return out;
}

}  // namespace holdfast
