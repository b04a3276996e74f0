// Ten thousand visits with ends that are rude: resets, half closes, slow readers, words that nobody reads. Whatever one
// end's kernel was told to have arrived, the other end must hear.
#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <thread>

#include "base/clock_io.h"
#include "tests/lab/bulk.h"
#include "tests/lab/scene.h"
#include "tests/lab/socket_address_io.h"

namespace holdfast::lab {
namespace {

constexpr std::size_t at_once = 1000;
constexpr std::size_t amount = 150'000;  // bytes of a visit
constexpr std::size_t period = 8191;     // of the bytes, for each visit begins elsewhere in it

const std::string& pattern() {
  static const std::string bytes = [] {
    std::string out;
    for (std::size_t i = 0; i < period; ++i) out += static_cast<char>(i * i % 251);
    while (out.size() < amount + period) out += out.substr(0, period);
    return out;
  }();
  return bytes;
}

// Sends a visit's bytes until all of them are in the other kernel.
class sender {
 public:
  explicit sender(std::uint32_t id) : from_(pattern().data() + id % period) {}
  bool arrived(int fd) {
    if (sent_ < amount) {
      const ssize_t n = ::send(fd, from_ + sent_, amount - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n > 0) sent_ += static_cast<std::size_t>(n);
    }
    int under_way = 1;
    return sent_ == amount && ::ioctl(fd, SIOCOUTQ, &under_way) == 0 && under_way == 0;
  }

 private:
  const char* from_;
  std::size_t sent_ = 0;
};

class receiver {
 public:
  explicit receiver(std::uint32_t id) : from_(pattern().data() + id % period) {}
  // Whether the other side has ended, in whatever way.
  bool ended(int fd, std::size_t at_most) {
    static std::array<char, 65536> buffer;
    const ssize_t n = ::recv(fd, buffer.data(), std::min(at_most, buffer.size()), MSG_DONTWAIT);
    if (n < 0) return errno != EAGAIN;
    const auto size = static_cast<std::size_t>(n);
    right_ = right_ && got_ + size <= amount && std::memcmp(buffer.data(), from_ + got_, size) == 0;
    got_ += size;
    return n == 0;
  }
  std::size_t got() const { return got_; }
  bool has_all() const { return right_ && got_ == amount; }

 private:
  const char* from_;
  std::size_t got_ = 0;
  bool right_ = true;
};

// One client and its server. The visit's number says how they behave: all combinations come.
class visit {
 public:
  visit(std::uint32_t id, descriptor client) : id_(id), client_(std::move(client)), sends_(id), hears_(id) {}

  void meet(descriptor server) {
    server_ = std::move(server);
    met_ = true;
  }

  // Does what can be done now. Returns whether the visit is over.
  bool step(std::uint64_t turn) {
    opened_ = opened_ || open();
    if (!met_) return false;
    if (!left_ && sends_.arrived(from().get())) leave();
    if (is_slow() && turn % 4 != 0) return false;
    if (talks_on() && !interrupted_ && hears_.got() > amount / 2) {
      interrupted_ = true;
      say("and more");
    }
    return hears_.ended(to().get(), is_slow() ? 4096 : 65536);
  }

  bool lost_nothing() const { return hears_.has_all(); }
  std::string text() const {
    return "visit " + std::to_string(id_) + (goes_up() ? " up" : " down") + ", leaves by " +
           std::array{"half close", "close", "reset"}.at(id_ % 3) + (half_closes() ? ", half closed" : "") +
           (leaves_words_unread() ? ", words unread" : "") + (is_slow() ? ", slow" : "") +
           (talks_on() ? ", talks on" : "") + ": " + std::to_string(hears_.got()) + " of " + std::to_string(amount);
  }

 private:
  bool goes_up() const { return id_ / 3 % 4 == 3; }
  bool half_closes() const { return id_ / 3 % 4 == 2; }
  bool leaves_words_unread() const { return !goes_up() && id_ / 12 % 2 == 1; }
  bool is_slow() const { return id_ / 24 % 2 == 1; }
  bool talks_on() const { return !goes_up() && !half_closes() && id_ / 48 % 2 == 1; }

  descriptor& from() { return goes_up() ? client_ : server_; }
  descriptor& to() { return goes_up() ? server_ : client_; }

  bool say(std::string_view what) const {
    return ::send(client_.get(), what.data(), what.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
  }

  bool open() {
    std::array<char, sizeof id_> name{};
    std::memcpy(name.data(), &id_, sizeof id_);
    if (!say({name.data(), name.size()})) return false;  // connects still
    if (leaves_words_unread()) say("unread");
    if (half_closes()) ::shutdown(client_.get(), SHUT_WR);
    return true;
  }

  void leave() {
    left_ = true;
    const linger by_reset{.l_onoff = 1, .l_linger = 0};
    if (id_ % 3 == 0) ::shutdown(from().get(), SHUT_WR);
    if (id_ % 3 == 2) ::setsockopt(from().get(), SOL_SOCKET, SO_LINGER, &by_reset, sizeof by_reset);
    if (id_ % 3 != 0) from().reset();
  }

  std::uint32_t id_;
  descriptor client_, server_;
  sender sends_;
  receiver hears_;
  bool opened_ = false, met_ = false, left_ = false, interrupted_ = false;
};

// The servers' side: who came, by the number that their first bytes say.
class reception {
 public:
  explicit reception(descriptor listening) : listening_(std::move(listening)) {
    ::fcntl(listening_.get(), F_SETFL, O_NONBLOCK);
  }
  void take(std::map<std::uint32_t, visit>& all) {
    for (;;) {
      descriptor fd(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (!fd) break;
      strangers_.push_back(std::move(fd));
    }
    std::erase_if(strangers_, [&](descriptor& fd) {
      std::uint32_t id = 0;
      if (::recv(fd.get(), &id, sizeof id, MSG_DONTWAIT) != sizeof id) return false;
      const auto found = all.find(id);
      if (found != all.end()) found->second.meet(std::move(fd));
      return true;
    });
  }

 private:
  descriptor listening_;
  std::vector<descriptor> strangers_;
};

descriptor arriving(testbed& bed, const address& from, bool slow) {
  const socket_address to(testbed::service4(9000));
  descriptor fd = bed.crowd().socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK);
  const int small = 8192;
  if (slow) ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  if (bind_source(fd.get(), from) < 0 || (::connect(fd.get(), to.get(), to.length) < 0 && errno != EINPROGRESS))
    throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
  return fd;
}

TEST(Rude, EndsCostNoByteThatHadArrived) {
  const std::uint32_t visits = sanitized() ? 2000 : 10'000;
  testbed bed(0);
  host peer("peer");
  bed.net().plug(peer);
  peer.address("eth0", "10.0.2.1/16");
  listener listening(peer, at("10.0.2.1", 9000));
  watched_balancer lb(bed, "service rude\nlisten 192.0.2.80:9000\nserver 0 address 10.0.2.1 port 9000\n");
  reception servers(listening.release());
  const auto clients = testbed::clients4(250);

  std::map<std::uint32_t, visit> here;
  std::uint32_t begun = 0;
  std::uint32_t lost = 0;
  const instant limit = monotonic_now() + 120s;
  for (std::uint64_t turn = 0; (begun < visits || !here.empty()) && monotonic_now() < limit; ++turn) {
    for (int room = 50; room > 0 && begun < visits && here.size() < at_once; --room, ++begun) {
      here.try_emplace(begun, begun, arriving(bed, clients[begun % clients.size()], begun / 24 % 2 == 1));
    }
    servers.take(here);
    for (auto one = here.begin(); one != here.end();) {
      const bool over = one->second.step(turn);
      if (over && !one->second.lost_nothing() && ++lost < 20) ADD_FAILURE() << one->second.text();
      one = over ? here.erase(one) : std::next(one);
    }
    std::this_thread::sleep_for(1ms);
  }
  for (const auto& [id, left] : here) ADD_FAILURE() << "has no end: " << left.text();
  std::printf("[  figure  ] %u of %u visits lost a byte\n", lost, visits);
  EXPECT_EQ(begun, visits);
  EXPECT_EQ(lost, 0U);
}

}  // namespace
}  // namespace holdfast::lab
