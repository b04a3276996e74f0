#include "peers/link_listener_io.h"

#include <utility>

namespace holdfast {

namespace {

constexpr std::size_t callers_most = 16;  // who have the key and haven't said their name yet

}  // namespace

link_listener::link_listener(boost::asio::io_context& io, const tls_context& context, const stream_options& options,
                             link_listener_callbacks callbacks)
    : tell_(std::move(callbacks)),
      door_(io, context, options,
            {.accepted = [this](secure_stream stream, const endpoint& from) { greet(std::move(stream), from); },
             .turned_away = [this](const endpoint& from, stream_end why) { tell_.turned_away(from, describe(why)); }}) {
}

void link_listener::stop() {
  door_.stop();
  callers_.clear();
}

void link_listener::greet(secure_stream stream, const endpoint& from) {
  if (callers_.size() >= callers_most) callers_.erase(callers_.begin());
  const std::uint64_t id = next_caller_++;
  secure_stream& kept = callers_[id] = std::move(stream);
  kept.start({.opened = {},
              .received =
                  [this, id, from](std::span<const std::uint8_t> frame) {
                    tell_.called(std::move(callers_.extract(id).mapped()), from, frame);
                  },
              .ended =
                  [this, id, from](stream_end why) {
                    callers_.erase(id);
                    tell_.turned_away(from, describe(why));
                  }});
}

}  // namespace holdfast
