#include "balancer/daemon/agent_link_io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "balancer/daemon/agent_news.h"
#include "balancer/logs/access_log_io.h"
#include "balancer/loop/heartbeat_io.h"
#include "base/clock_io.h"
#include "base/local_socket_io.h"
#include "base/log_io.h"
#include "cli/control/control_io.h"
#include "cli/control/control_request.h"

namespace holdfast {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds breather{100};  // after the system refused us a descriptor
constexpr int messages_a_turn = 64;

struct agent {
  asio::posix::stream_descriptor socket;
  pid_t pid = 0;
  agent_news news;
};
using agent_ptr = std::shared_ptr<agent>;

}  // namespace

struct agent_link::impl : std::enable_shared_from_this<impl> {
  impl(asio::io_context& context, std::function<condition()> l, std::function<bool(int)> w,
       std::function<std::optional<holdfast::look>()> seen)
      : io(context),
        look(std::move(l)),
        workers(std::move(w)),
        looked(std::move(seen)),
        wake_ups(context),
        beating(context) {}

  asio::io_context& io;
  std::function<condition()> look;
  std::function<bool(int)> workers;
  std::function<std::optional<holdfast::look>()> looked;
  std::string path;  // "" = nowhere
  std::optional<local_door> door;
  asio::posix::stream_descriptor wake_ups;  // borrows the door's descriptor
  asio::steady_timer beating;
  std::vector<agent_ptr> agents;
  condition now_is;
  instant looked_at;
  bool look_posted = false;
  std::function<void()> roles_moved = [] {};
  std::optional<gid_t> writers;
  once_a_minute refused;

  void await_wake_up() {
    wake_ups.async_wait(asio::posix::descriptor_base::wait_read, [self = shared_from_this()](error_code cancelled) {
      if (!cancelled && self->door) self->open_door();
    });
  }

  void open_door() {
    for (int i = 0; i < messages_a_turn; ++i) {
      descriptor fd = door->accept();
      if (fd) {
        let_in(std::move(fd));
      } else if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) {
        break;
      } else {
        return await_room();
      }
    }
    await_wake_up();
  }

  void await_room() {
    auto timer = std::make_shared<asio::steady_timer>(io, breather);
    timer->async_wait([self = shared_from_this(), timer](error_code) {
      if (self->door) self->await_wake_up();
    });
  }

  void turn_away(const std::string& why) {
    if (const auto say = refused.say("agent=refused why=\"" + why + '"', monotonic_now())) log::warn("{}", *say);
  }

  void let_in(descriptor fd) {
    const auto peer = peer_of(fd.get());
    if (!peer) return;  // it has gone
    const credentials who{.uid = peer->uid, .gid = peer->gid, .groups = peer->groups};
    if (!may_write(who, geteuid(), writers)) {
      return turn_away("uid " + std::to_string(peer->uid) + " is neither root, nor our user, nor in group " +
                       control_group);
    }
    if (agents.size() >= most_agents) return turn_away(std::to_string(most_agents) + " agents are here already");
    auto a = std::make_shared<agent>(agent{.socket = asio::posix::stream_descriptor(io), .pid = peer->pid, .news = {}});
    error_code failed;
    a->socket.assign(fd.get(), failed);
    if (failed) return turn_away(failed.message());
    fd.release();
    agents.push_back(a);
    if (!workers(a->socket.native_handle())) return drop(a, std::strerror(errno));
    log::info("agent=attached pid={} uid={}", peer->pid, peer->uid);
    if (agents.size() == 1) tick();
    tell();
    listen_to(a);
  }

  void listen_to(const agent_ptr& a) {
    a->socket.async_wait(asio::posix::descriptor_base::wait_read, [self = shared_from_this(), a](error_code cancelled) {
      if (cancelled || !a->socket.is_open()) return;
      self->hear(a);
      if (a->socket.is_open()) self->listen_to(a);
    });
  }

  void hear(const agent_ptr& a) {
    packet bytes;
    for (int i = 0; i < messages_a_turn; ++i) {
      const taken got = take_packet(a->socket.native_handle(), bytes);
      if (got == taken::nothing) return;
      if (got == taken::ended) return drop(a, "it hung up");
      const auto what = decode(bytes);
      const role_change* r = what ? std::get_if<role_change>(&*what) : nullptr;
      if (r == nullptr) return drop(a, "it said what an agent does not say");
      roles_changed();
      if (!a->news.hear(*r)) return drop(a, "it speaks of too many groups");
    }
  }

  // The workers hold copies of the socket: shutdown() ends them all.
  void drop(const agent_ptr& a, const std::string& why) {
    log::info("agent=gone pid={} why=\"{}\"", a->pid, why);
    hang_up(*a);
    std::erase(agents, a);
    if (agents.empty()) beating.cancel();
    roles_changed();
  }

  void roles_changed() {
    asio::post(io, [self = shared_from_this()] { self->roles_moved(); });
  }

  static void hang_up(agent& a) {
    error_code ignored;
    shutdown(a.socket.native_handle(), SHUT_RDWR);
    a.socket.close(ignored);
  }

  void tick() {
    const instant now = monotonic_now();
    if (now - looked_at >= condition_interval) look_again(now);
    const packet alive = encode(beat{.worker = control_thread});
    for (const agent_ptr& a : std::vector(agents)) {
      if (post_packet(a->socket.native_handle(), alive) == posted::ended) drop(a, "it hung up");
    }
    inform(now);
    if (agents.empty()) return;
    beating.expires_after(beat_interval);
    beating.async_wait([self = shared_from_this()](error_code cancelled) {
      if (!cancelled && !self->agents.empty()) self->tick();
    });
  }

  void look_again(instant now) {
    now_is = look();
    looked_at = now;
  }

  // What there is no room for now is said at the next tick.
  void inform(instant now) {
    const packet said = encode(now_is);
    const auto seen = looked();
    for (const agent_ptr& a : agents) {
      if (!a->news.is_due(now_is, now)) continue;
      if (post_packet(a->socket.native_handle(), said) != posted::whole) continue;
      a->news.was_told(now_is, now);
      if (seen) post_packet(a->socket.native_handle(), encode(*seen));  // no room: with the next condition
    }
  }

  void tell() {
    if (agents.empty()) return;
    const instant now = monotonic_now();
    look_again(now);
    inform(now);
  }

  void changed() {
    if (agents.empty() || std::exchange(look_posted, true)) return;
    asio::post(io, [self = shared_from_this()] {
      self->look_posted = false;
      self->tell();
    });
  }

  void stop() {
    if (door) wake_ups.release();
    door.reset();
    path.clear();
    for (const agent_ptr& a : agents) hang_up(*a);
    agents.clear();
    beating.cancel();
    roles_moved = [] {};
  }
};

agent_link::agent_link(asio::io_context& io, std::function<condition()> look, std::function<bool(int)> workers,
                       std::function<std::optional<holdfast::look>()> looked)
    : impl_(std::make_shared<impl>(io, std::move(look), std::move(workers), std::move(looked))) {}

agent_link::~agent_link() { stop(); }

result<void, std::string> agent_link::listen(const std::string& path) {
  constexpr mode_t group_too = 0660;
  impl_->writers = group_number(control_group);
  auto opened = local_door::open(path, group_too, impl_->writers);
  if (!opened) return opened.error();
  impl_->path = path;
  impl_->door.emplace(std::move(*opened));
  impl_->wake_ups.assign(impl_->door->fd());
  impl_->await_wake_up();
  return {};
}

result<bool, std::string> agent_link::look_after() {
  auto& i = *impl_;
  if (i.path.empty() || (i.door && i.door->is_there())) return false;
  std::error_code failed;  // which listening will tell, too
  std::filesystem::create_directories(std::filesystem::path(i.path).parent_path(), failed);
  if (i.door) i.wake_ups.release();
  i.door.reset();
  const std::string path = i.path;
  if (const auto again = listen(path); !again) return failure{again.error()};
  return true;
}

void agent_link::changed() { impl_->changed(); }
void agent_link::tell() { impl_->tell(); }
void agent_link::when_roles_change(std::function<void()> call) { impl_->roles_moved = std::move(call); }

std::optional<std::vector<role_change>> agent_link::roles() const {
  if (impl_->agents.empty()) return std::nullopt;
  std::vector<role_change> all;
  for (const auto& a : impl_->agents) {
    for (const auto& [group, is] : a->news.roles()) all.push_back({.group = group, .is = is});
  }
  return all;
}

bool agent_link::holds_addresses() const {
  return ::holdfast::holds_addresses(roles().value_or(std::vector<role_change>()));
}

void agent_link::stop() { impl_->stop(); }

}  // namespace holdfast
