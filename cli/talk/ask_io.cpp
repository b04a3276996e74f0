#include "cli/talk/ask_io.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/descriptor_io.h"
#include "base/paths.h"
#include "cli/language/words.h"

namespace holdfast {

namespace {

using outcome = result<std::string, no_answer>;

bool ready(int socket, short what, std::chrono::milliseconds patience) {
  pollfd p{.fd = socket, .events = what, .revents = 0};
  int n = 0;
  do {
    n = ::poll(&p, 1, static_cast<int>(patience.count()));
  } while (n < 0 && errno == EINTR);
  return n == 1;
}

// 0, or an errno.
int connect_within(int socket, const sockaddr* to, socklen_t size, std::chrono::milliseconds patience) {
  if (socket < 0) return errno;  // of socket()
  if (::connect(socket, to, size) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (!ready(socket, POLLOUT, patience)) return ETIMEDOUT;
  int failed = 0;
  socklen_t length = sizeof failed;
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &failed, &length);
  return failed;
}

// Whose socket this is, by its name; a stranger's is a balancer's.
std::string_view daemon_at(std::string_view where) {
  return where.ends_with(agent_socket_name) ? "holdfast-vrrp" : "holdfast-balancer";
}

std::string why_not(const std::string& where, int error) {
  switch (error) {
    case ENOENT: return "no daemon: " + where + " does not exist; is " + std::string(daemon_at(where)) + " running?";
    case ECONNREFUSED: return "no daemon: nobody listens on " + where;
    case EAGAIN: return std::string(daemon_at(where)) + " takes no callers at " + where + ": too many wait";
    case EACCES:
    case EPERM: return "permission denied: " + where + " is for root and members of group holdfast";
    default: return "can't reach " + where + ": " + std::strerror(error);
  }
}

no_answer refusal_of(const std::string& where, int error) {
  return {.denied = error == EACCES || error == EPERM,
          .absent = error == ENOENT || error == ECONNREFUSED,
          .silent = error == EAGAIN || error == ETIMEDOUT,
          .why = why_not(where, error)};
}

result<descriptor, no_answer> connect_unix(const std::string& path, std::chrono::milliseconds patience) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path.size() >= sizeof to.sun_path) return no_answer{.why = "the path of the socket is too long: " + path};
  path.copy(to.sun_path, sizeof to.sun_path - 1);
  descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int failed = connect_within(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to, patience);
  if (failed != 0) return refusal_of(path, failed);
  return socket;
}

result<descriptor, no_answer> connect_tcp(const std::string& where, std::chrono::milliseconds patience) {
  const auto colon = where.rfind(':');
  if (colon == where.npos) return no_answer{.why = "expected host:port or the path of a socket, not " + where};
  std::string host = where.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), where.c_str() + colon + 1, &wanted, &list);
  if (failed != 0) return no_answer{.why = "can't reach " + where + ": " + ::gai_strerror(failed)};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, ::freeaddrinfo);
  int last = 0;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    descriptor socket(::socket(each->ai_family, each->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, each->ai_protocol));
    last = connect_within(socket.get(), each->ai_addr, each->ai_addrlen, patience);
    if (last == 0) return socket;
  }
  return refusal_of(where, last);
}

// A process that listens on a UNIX socket is known to who has connected, though it hang.
no_answer silence_of(const std::string& where, int socket, std::chrono::milliseconds patience) {
  std::string why = std::string(daemon_at(where)) + " does not answer (" + print_time(patience) + "): it hangs";
  ucred peer{};
  socklen_t size = sizeof peer;
  const bool local = ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0;
  if (local) why += ", pid " + std::to_string(peer.pid);
  return {.silent = true, .why = std::move(why)};
}

// A daemon that turns us away answers before we have spoken and is gone: what it said is still there to be heard.
void speak(int socket, std::string_view line, std::chrono::milliseconds patience) {
  while (!line.empty() && ready(socket, POLLOUT, patience)) {
    const ssize_t bytes = ::send(socket, line.data(), line.size(), MSG_NOSIGNAL);
    if (bytes < 0) return;
    line.remove_prefix(static_cast<std::size_t>(bytes));
  }
}

}  // namespace

outcome ask(const std::string& where, const std::string& line, std::chrono::milliseconds patience) {
  const bool is_path = where.find('/') != where.npos;
  const auto connected = is_path ? connect_unix(where, patience) : connect_tcp(where, patience);
  if (!connected) return connected.error();
  const int socket = connected->get();
  speak(socket, line + '\n', patience);
  std::string answer;
  char piece[65536];
  for (;;) {
    if (!ready(socket, POLLIN, patience)) return silence_of(where, socket, patience);
    const ssize_t bytes = ::recv(socket, piece, sizeof piece, 0);
    if (bytes == 0 || (bytes < 0 && errno == ECONNRESET && !answer.empty())) break;
    if (bytes < 0) return no_answer{.why = "the daemon at " + where + " broke off: " + std::strerror(errno)};
    answer.append(piece, static_cast<std::size_t>(bytes));
    if (answer.size() > answer_most) return no_answer{.why = "the daemon's answer has no end"};
  }
  return {boost::system::in_place_value, std::move(answer)};
}

}  // namespace holdfast
