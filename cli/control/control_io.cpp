#include "cli/control/control_io.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <unordered_map>

#include "base/ensure.h"
#include "base/local_socket_io.h"
#include "cli/control/control_request.h"
#include "cli/control/conversation_io.h"

namespace holdfast {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using local = asio::local::stream_protocol;

namespace {

constexpr int waiting_most = 128;                   // callers whom the kernel lets wait
constexpr std::chrono::milliseconds breather{100};  // after the system refused us a descriptor

failure cant_listen(const std::string& where, const error_code& why) {
  return {"can't listen on " + where + ": " + why.message()};
}

address to_address(const asio::ip::address& a) {
  return a.is_v4() ? address::v4(a.to_v4().to_uint()) : address(a.to_v6().to_bytes());
}

tcp::endpoint to_asio(const endpoint& where) {
  if (where.host.is_v4()) return {asio::ip::address_v4(where.host.v4_value()), where.port};
  return {asio::ip::address_v6(where.host.bytes()), where.port};
}

// For those who get no conversation: the answer if it fits, the unread line thrown away, so that it may arrive.
void turn_away(conversation::socket from, const std::string& why) {
  error_code ignored;
  if (from.non_blocking(true, ignored)) return;
  from.write_some(asio::buffer(render_pen(refused(why))), ignored);
  std::array<char, 4096> unread{};
  from.read_some(asio::buffer(unread), ignored);
}

}  // namespace

struct control_server::impl : std::enable_shared_from_this<impl> {
  impl(asio::io_context& context, handler_type h, control_limits l)
      : io(context),
        handler(std::make_shared<const handler_type>(std::move(h))),
        limits(l),
        unix_side(context),
        tcp_side(context) {}

  asio::io_context& io;
  std::shared_ptr<const handler_type> handler;
  control_limits limits;
  local::acceptor unix_side;
  std::string path;
  dev_t device = 0;  // which file we made at `path`
  ino_t inode = 0;
  mode_t mode = 0;
  std::string group;
  std::optional<gid_t> writers;
  tcp::acceptor tcp_side;
  accept_type accepts;
  std::unordered_map<conversation*, std::weak_ptr<conversation>> callers;

  template <class Acceptor>
  void accept_next(Acceptor& from) {
    from.async_accept([self = shared_from_this(), &from](error_code failed, auto socket) {
      if (failed == asio::error::operation_aborted || !from.is_open()) return;
      if (!failed) {
        self->greet(socket);
        self->accept_next(from);
      } else if (failed == asio::error::connection_aborted) {
        self->accept_next(from);
      } else {
        self->accept_later(from);
      }
    });
  }

  template <class Acceptor>
  void accept_later(Acceptor& from) {
    auto timer = std::make_shared<asio::steady_timer>(io, breather);
    timer->async_wait([self = shared_from_this(), &from, timer](error_code) {
      if (from.is_open()) self->accept_next(from);
    });
  }

  void greet(local::socket& socket) {
    const auto peer = peer_of(socket.native_handle());
    if (!peer) return;
    const credentials who{.uid = peer->uid, .gid = peer->gid, .groups = peer->groups};
    caller c{.local = true, .uid = peer->uid, .gid = peer->gid, .from = {.host = {}, .port = 0, .path = path}};
    c.may_write = may_write(who, geteuid(), writers);
    admit(std::move(socket), std::move(c));
  }

  void greet(tcp::socket& socket) {
    error_code failed;
    const auto peer = socket.remote_endpoint(failed);
    if (failed) return;
    const endpoint from{.host = to_address(peer.address()), .port = peer.port(), .path = {}};
    if (!accepts(from.host)) {
      return turn_away(std::move(socket), "control_acl does not permit " + from.host.text());
    }
    admit(std::move(socket), {.may_write = true, .from = from});
  }

  void admit(conversation::socket socket, caller who) {
    if (callers.size() >= limits.callers) {
      return turn_away(std::move(socket), std::to_string(limits.callers) + " callers at once already: try again later");
    }
    const auto talk = std::make_shared<conversation>(std::move(socket), std::move(who), limits, handler,
                                                     [weak = weak_from_this()](conversation& ended) {
                                                       if (const auto self = weak.lock()) self->callers.erase(&ended);
                                                     });
    callers.emplace(talk.get(), talk);
    talk->start();
  }

  bool is_there() const {
    struct stat found{};
    return lstat(path.c_str(), &found) == 0 && found.st_dev == device && found.st_ino == inode;
  }

  void stop() {
    tcp_side = tcp::acceptor(io);
    if (unix_side.is_open()) {
      unix_side = local::acceptor(io);
      if (is_there()) unlink(path.c_str());
    }
    const auto all = std::move(callers);
    callers.clear();
    for (const auto& [_, weak] : all) {
      if (const auto talk = weak.lock()) talk->close();
    }
  }
};

control_server::control_server(asio::io_context& io, handler_type handler, control_limits limits)
    : impl_(std::make_shared<impl>(io, std::move(handler), limits)) {}

control_server::~control_server() { stop(); }

result<void, std::string> control_server::listen_unix(const std::string& path, mode_t mode, const std::string& group) {
  ensure(!impl_->unix_side.is_open() || path == impl_->path);
  if (auto clear = clear_path(path); !clear) return clear;
  local::acceptor fresh(impl_->io);
  error_code failed;
  if (fresh.open(local(), failed) || fresh.bind(path, failed)) return cant_listen(path, failed);

  // Nobody can connect before listen(), so nobody meets the file with the wrong mode.
  const auto writers = group_number(group);
  struct stat made{};
  if (!give_access(path, mode, writers) || lstat(path.c_str(), &made) != 0) {
    failed.assign(errno, boost::system::system_category());
  }
  if (failed || fresh.listen(waiting_most, failed)) {
    unlink(path.c_str());
    return cant_listen(path, failed);
  }
  impl_->path = path;
  impl_->device = made.st_dev;
  impl_->inode = made.st_ino;
  impl_->mode = mode;
  impl_->group = group;
  impl_->writers = writers;
  impl_->unix_side = std::move(fresh);
  impl_->accept_next(impl_->unix_side);
  return {};
}

result<bool, std::string> control_server::look_after() {
  if (!impl_->unix_side.is_open() || impl_->is_there()) return false;
  std::error_code failed;  // which listening will tell, too
  std::filesystem::create_directories(std::filesystem::path(impl_->path).parent_path(), failed);
  const auto path = impl_->path, group = impl_->group;
  if (const auto again = listen_unix(path, impl_->mode, group); !again) return failure{again.error()};
  return true;
}

result<endpoint, std::string> control_server::listen_tcp(const endpoint& where, accept_type accepts) {
  const tcp::endpoint wanted = to_asio(where);
  tcp::acceptor fresh(impl_->io);
  error_code failed;
  const bool six = wanted.protocol() == tcp::v6();
  const bool listening = !fresh.open(wanted.protocol(), failed) &&
                         !fresh.set_option(tcp::acceptor::reuse_address(true), failed) &&
                         !(six && fresh.set_option(asio::ip::v6_only(false), failed)) && !fresh.bind(wanted, failed) &&
                         !fresh.listen(waiting_most, failed);
  if (!listening) return cant_listen(where.text(), failed);
  const auto bound = fresh.local_endpoint(failed);

  impl_->accepts = std::move(accepts);
  impl_->tcp_side = std::move(fresh);
  impl_->accept_next(impl_->tcp_side);
  return endpoint{.host = where.host, .port = bound.port(), .path = {}};
}

void control_server::stop_tcp() { impl_->tcp_side = tcp::acceptor(impl_->io); }

void control_server::stop() { impl_->stop(); }

}  // namespace holdfast
