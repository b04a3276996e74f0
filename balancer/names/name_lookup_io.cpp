#include "balancer/names/name_lookup_io.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <condition_variable>
#include <csignal>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "base/clock_io.h"
#include "base/log_io.h"
#include "base/loop/drive_io.h"
#include "base/loop/loop_io.h"

namespace holdfast {

namespace {

// Signals are for the control thread.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

address from_socket_address(const sockaddr* from) {
  if (from->sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, from, sizeof four);
    return address::v4(ntohl(four.sin_addr.s_addr));
  }
  sockaddr_in6 six{};
  std::memcpy(&six, from, sizeof six);
  address::bytes_type bytes{};
  std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
  return address(bytes);
}

name_book::event ask_system(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* all = nullptr;
  const int error = getaddrinfo(name.c_str(), nullptr, &hints, &all);
  if (error != 0) return name_book::failed{name, gai_strerror(error)};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(all, freeaddrinfo);
  name_book::found out{name, {}};
  for (const addrinfo* one = all; one != nullptr; one = one->ai_next) {
    if (one->ai_family == AF_INET || one->ai_family == AF_INET6)
      out.addresses.push_back(from_socket_address(one->ai_addr));
  }
  if (out.addresses.empty()) return name_book::failed{name, "it has no address"};
  return out;
}

// What the threads may touch, for as long as the last of them lives.
struct answers {
  std::mutex lock;
  std::condition_variable come;
  std::vector<name_book::event> all;  // at most one for each look-up under way
  std::function<void()> notify;       // with the lock held; null: nobody listens any more

  void add(name_book::event what) {
    const std::lock_guard guard(lock);
    all.push_back(std::move(what));
    come.notify_all();
    if (notify) notify();
  }
};

}  // namespace

struct name_lookup::impl : std::enable_shared_from_this<name_lookup::impl> {
  impl(boost::asio::io_context& io, bool says, std::function<void()> tell)
      : moved(std::move(tell)), in_log(says), book(io, name_book(), [this](const auto& order) {
          std::visit([this](const auto& o) { this->perform(o); }, order);
        }) {}

  void perform(const name_book::look_up& order);
  void perform(const name_book::moved& order) {
    any_moved = true;
    if (in_log) log::info("name={} addresses={}", order.name, known_of(order.name));
  }
  void perform(const name_book::lost& order) {
    if (in_log) {
      log::warn("name={} state=unresolved uses={} why=\"{}\"", order.name, known_of(order.name), order.why);
    }
  }
  void perform(const name_book::regained& order) {
    if (in_log) log::info("name={} state=resolved", order.name);
  }

  std::string known_of(const std::string& name) const { return text_of(book.state().addresses(name)); }

  void take_answers() {
    std::vector<name_book::event> come;
    {
      const std::lock_guard guard(shared->lock);
      come.swap(shared->all);
    }
    for (const auto& answer : come) book.feed(answer);
  }

  std::function<void()> moved;
  std::shared_ptr<answers> shared = std::make_shared<answers>();
  bool in_log;
  bool any_moved = false;
  driver<name_book> book;
};

// The thread is not waited for: getaddrinfo can't be ended before its time.
void name_lookup::impl::perform(const name_book::look_up& order) {
  try {
    std::thread([to = shared, name = order.name] {
      block_signals();
      to->add(ask_system(name));
    }).detach();
  } catch (const std::system_error& none) {
    shared->add(name_book::failed{order.name, none.what()});
  }
}

name_lookup::name_lookup(boost::asio::io_context& io, bool in_log, std::function<void()> moved)
    : impl_(std::make_shared<impl>(io, in_log, std::move(moved))) {
  impl_->shared->notify = [&io, weak = impl_->weak_from_this()] {
    run_soon(io, [weak] {
      const auto self = weak.lock();
      if (!self) return;
      self->take_answers();
      if (std::exchange(self->any_moved, false)) self->moved();
    });
  };
}

name_lookup::~name_lookup() {
  const std::lock_guard guard(impl_->shared->lock);
  impl_->shared->notify = nullptr;
}

const name_book& name_lookup::known() const { return impl_->book.state(); }

void name_lookup::feed(const name_book::event& what) { impl_->book.feed(what); }

void name_lookup::wait(duration most) {
  const instant end = monotonic_now() + most;
  while (!known().unanswered().empty()) {
    {
      std::unique_lock guard(impl_->shared->lock);
      const auto any = [this] { return !impl_->shared->all.empty(); };
      if (!impl_->shared->come.wait_until(guard, end, any)) break;
    }
    impl_->take_answers();
  }
  impl_->any_moved = false;  // whoever waits reads it all
  if (!impl_->in_log) return;
  for (const auto& name : known().unanswered()) log::warn("name={} state=unanswered uses=none", name);
}

}  // namespace holdfast
