#include "base/log/line_writer_io.h"

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/log/line_queue.h"

namespace holdfast {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr auto last_patience = 200ms;
constexpr auto relaxed = std::memory_order_relaxed;

}  // namespace

// The thread holds it, too: it may outlive the writer.
struct line_writer::shared {
  explicit shared(note n) : gap(std::move(n)) {}

  void run();
  std::optional<line_queue::batch> next();
  std::uint64_t deliver(std::string lines);
  bool look_up();
  void count(std::uint64_t lines, int why);

  const note gap;
  std::atomic<std::uint64_t> lost{0};
  std::atomic<int> trouble{0};

  std::mutex lock;
  std::condition_variable news;
  line_queue waiting{most};
  std::optional<outlet> turned;  // not yet seen by the thread
  std::optional<steady::time_point> ends;
  bool ended = false;

  outlet to;  // from here on the thread's own
  lines_at_hand at_hand;
  int refusal = 0;  // why lines were lost last
};

void line_writer::shared::count(std::uint64_t lines, int why) {
  trouble.store(why, relaxed);
  lost.fetch_add(lines, std::memory_order_release);
}

// Waits for something to write. None: it is over.
std::optional<line_queue::batch> line_writer::shared::next() {
  std::unique_lock guard(lock);
  news.wait(guard, [this] { return !waiting.empty() || turned || ends; });
  if (waiting.empty() && ends) return std::nullopt;
  return waiting.take();
}

// What has been said to us in the meantime. False: no time is left.
bool line_writer::shared::look_up() {
  outlet former;  // closed without the lock
  const std::lock_guard guard(lock);
  if (turned) {
    former = std::exchange(to, std::move(*turned));
    turned.reset();
    at_hand.begin_line_again();
  }
  return !ends || steady::now() < *ends;
}

// How many lines were lost.
std::uint64_t line_writer::shared::deliver(std::string lines) {
  refusal = EAGAIN;  // if no time is left
  at_hand.take(std::move(lines));
  while (look_up() && !at_hand.rest().empty()) {
    const outcome done = to ? to(at_hand.rest()) : outcome{.bytes = at_hand.rest().size()};
    at_hand.written(done.bytes);
    if (done.error == 0 || done.error == EAGAIN) continue;
    refusal = done.error;
    break;
  }
  return at_hand.give_up();
}

void line_writer::shared::run() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::uint64_t unsaid = 0;
  const auto say_gap = [&] {
    if (unsaid > 0 && deliver(gap(unsaid)) == 0) unsaid = 0;
  };
  while (auto batch = next()) {
    say_gap();
    const std::uint64_t gone = deliver(std::move(batch->lines));
    if (gone > 0) count(gone, refusal);
    unsaid += gone + batch->lost;
    if (gone == 0) say_gap();
  }
  const std::lock_guard guard(lock);
  ended = true;
  news.notify_all();
}

line_writer::line_writer(note gap) : shared_(std::make_shared<shared>(std::move(gap))) {
  std::thread([held = shared_] { held->run(); }).detach();
}

line_writer::~line_writer() {
  std::unique_lock guard(shared_->lock);
  shared_->ends = steady::now() + last_patience;
  shared_->news.notify_all();
  shared_->news.wait_until(guard, *shared_->ends + last_patience, [this] { return shared_->ended; });
}

void line_writer::turn_to(outlet to) {
  const std::lock_guard guard(shared_->lock);
  shared_->turned = std::move(to);
  shared_->news.notify_all();
}

bool line_writer::push(std::string_view lines) {
  const std::lock_guard guard(shared_->lock);
  const std::uint64_t gone = shared_->waiting.push(lines);
  if (gone > 0) shared_->count(gone, EAGAIN);
  shared_->news.notify_all();
  return gone == 0;
}

bool line_writer::has_room(std::size_t bytes) const {
  const std::lock_guard guard(shared_->lock);
  return shared_->waiting.has_room(bytes);
}

std::uint64_t line_writer::lost() const { return shared_->lost.load(std::memory_order_acquire); }
int line_writer::trouble() const { return shared_->trouble.load(relaxed); }

}  // namespace holdfast
