#include "vrrp/agent/watch_io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>

#include "base/local_socket_io.h"
#include "vrrp/agent/role_book.h"

namespace holdfast {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds soonest{20};  // between two calls
constexpr std::chrono::milliseconds latest{200};
constexpr int messages_a_turn = 1024;  // more than a socket's buffer holds: whoever sends faster has to wait for us

std::string words_for(misheard why) {
  return why == misheard::version ? "it speaks another version of the language" : "it speaks nonsense";
}

}  // namespace

struct watch::impl : std::enable_shared_from_this<impl> {
  impl(asio::io_context& io, std::string p, std::function<void(const track::event&)> h)
      : path(std::move(p)), heard(std::move(h)), socket(io), again(io) {}

  std::string path;
  std::function<void(const track::event&)> heard;
  asio::posix::stream_descriptor socket;
  asio::steady_timer again;
  std::chrono::milliseconds pause = soonest;
  role_book roles;
  bool greeted = false;  // it has said something on this connection
  unsigned life = 0;     // counts connections and tries: a wait of an earlier one may already stand in the queue

  void call_in(std::chrono::milliseconds wait) {
    again.expires_after(wait);
    again.async_wait([self = shared_from_this(), mine = ++life](error_code) {
      if (mine == self->life) self->call();
    });
  }

  void call_later() {
    call_in(pause);
    pause = std::min(2 * pause, latest);
  }

  void call() {
    auto fd = call_local(path);
    if (!fd) return give_up(fd.error());
    error_code failed;
    if (socket.assign(fd->get(), failed); failed) return give_up(failed.message());
    fd->release();
    greeted = false;
    roles.begin_anew();
    await_message();
    heard(track::attached{});
    say_rest();
  }

  void give_up(const std::string& why) {
    call_later();
    heard(track::unreachable{why});
  }

  void await_message() {
    socket.async_wait(asio::posix::descriptor_base::wait_read, [self = shared_from_this(), mine = life](error_code) {
      if (mine != self->life) return;
      self->drain();
      if (mine == self->life) self->await_message();
    });
  }

  // What the socket had no room for before is said when the balancer has been heard again.
  void drain() {
    packet bytes;
    for (int i = 0; i < messages_a_turn && socket.is_open(); ++i) {
      const taken got = take_packet(socket.native_handle(), bytes);
      if (got == taken::nothing) break;
      if (got == taken::ended) return hang_up(greeted ? track::event(track::ended{}) : never_greeted());
      hear(bytes);
    }
    say_rest();
  }

  static track::event never_greeted() { return track::unreachable{"it hung up without a word"}; }

  void hear(const packet& bytes) {
    const auto what = decode(bytes);
    if (!what) return hang_up(track::unreachable{words_for(what.error())});
    greeted = true;
    pause = soonest;
    if (const auto* b = std::get_if<beat>(&*what)) return heard(*b);
    if (const auto* c = std::get_if<condition>(&*what)) return heard(*c);
    if (const auto* l = std::get_if<look>(&*what)) return heard(*l);
    hang_up(track::unreachable{words_for(misheard::kind)});
  }

  void hang_up(const track::event& why) {
    error_code ignored;
    socket.close(ignored);
    call_later();
    heard(why);
  }

  // The end of a connection shows when reading, here it only stops us.
  void say_rest() {
    while (const auto what = roles.next()) {
      if (!socket.is_open() || post_packet(socket.native_handle(), encode(*what)) != posted::whole) return;
      roles.was_said(*what);
    }
  }

  void stop() {
    ++life;
    error_code ignored;
    socket.close(ignored);
    again.cancel();
  }
};

watch::watch(asio::io_context& io, std::string path, std::function<void(const track::event&)> heard)
    : impl_(std::make_shared<impl>(io, std::move(path), std::move(heard))) {
  impl_->call_in(std::chrono::milliseconds::zero());
}

watch::~watch() { impl_->stop(); }

void watch::drain() { impl_->drain(); }

void watch::say(const role_change& r) {
  impl_->roles.note(r);
  if (!impl_->socket.is_open()) impl_->roles.drop_gone();
  impl_->say_rest();
}

}  // namespace holdfast
