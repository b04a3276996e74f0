#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <stdexcept>

#include "base/tls/cluster_key_io.h"
#include "base/tls/secure_stream_io.h"
#include "sync/packed.h"
#include "tests/lab/sync/intruder.h"

namespace holdfast::lab {

struct intruder::wires {
  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  secure_stream stream;
};

intruder::intruder(const host& where, const std::filesystem::path& key, const endpoint& to)
    : wires_(std::make_unique<wires>()) {
  auto loaded = load_cluster_key(key);
  if (!loaded) throw std::runtime_error(loaded.error());
  tls_context context(std::move(*loaded), "holdfast sync 1");
  thread_ = std::thread([this, &where, context, to] { run(where, context, to); });
}

intruder::~intruder() {
  wires_->io.stop();
  thread_.join();
}

void intruder::run(const host& where, tls_context key, const endpoint& to) {
  where.enter();
  const stream_options generous{.frame_limit = 1 << 20, .queue_limit = 4 << 20, .silence = duration(0)};
  wires_->stream = secure_stream::dial(wires_->io, key, generous, to, std::nullopt,
                                       {.opened = [this] { opened_ = true; },
                                        .received = [this](auto) { ++heard_; },
                                        .ended = [this](stream_end why) { end_ = static_cast<int>(why); }});
  wires_->io.run();
  wires_->stream.close();
}

template <class F>
auto intruder::there(F f) {
  std::packaged_task<decltype(f())()> task(f);
  auto result = task.get_future();
  boost::asio::post(wires_->io, [&task] { task(); });
  return result.get();
}

bool intruder::opened(duration limit) {
  eventually([&] { return opened_ || end_ >= 0; }, limit);
  return opened_;
}

bool intruder::send(const std::vector<std::uint8_t>& frame) {
  constexpr std::size_t enough = 1 << 20;  // bytes on their way
  if (!eventually([&] { return end_ >= 0 || there([&] { return wires_->stream.unsent() < enough; }); }, 30s))
    return false;
  return end_ < 0 && there([&] { return wires_->stream.send(frame); });
}

bool intruder::say(const std::vector<sync_entry>& entries, sync_number service, entry_kind kind) {
  entry_packer packer(max_sync_packed);
  const auto flush = [&](bool last) {
    return say(sync_entries{.service = service, .kind = kind, .last = last, .packed = packer.take()});
  };
  for (const sync_entry& e : entries) {
    if (packer.add(e)) continue;
    if (!flush(false)) return false;
    packer.add(e);
  }
  return flush(kind != entry_kind::news);
}

void intruder::stall(duration time) {
  there([&] { std::this_thread::sleep_for(time); });
}

std::optional<stream_end> intruder::ended(duration limit) {
  if (!eventually([&] { return end_ >= 0; }, limit)) return std::nullopt;
  return static_cast<stream_end>(end_.load());
}

}  // namespace holdfast::lab
