#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <filesystem>
#include <optional>

#include "base/descriptor_io.h"
#include "base/ensure.h"
#include "base/log/penlogd_outlet_io.h"
#include "tests/base/loopback.h"

namespace holdfast {
namespace {

using testing::ElementsAre;

const line_form plain = [](std::string& out, std::string_view line) { (out += "> ") += line; };

// A socket that hears datagrams: at a path, or at a port of loopback.
struct heard_datagrams {
  explicit heard_datagrams(const std::string& path) : fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    path.copy(at.sun_path, sizeof at.sun_path - 1);
    ensure(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  }
  heard_datagrams() : fd(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in6 at{};
    at.sin6_family = AF_INET6;
    at.sin6_addr = in6addr_loopback;
    socklen_t size = sizeof at;
    ensure(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), size) == 0);
    ensure(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&at), &size) == 0);
    port = ntohs(at.sin6_port);
  }
  std::vector<std::string> take() const {
    std::vector<std::string> all;
    char buffer[70'000];
    for (ssize_t n = 0; (n = ::recv(fd.get(), buffer, sizeof buffer, MSG_DONTWAIT)) >= 0;)
      all.emplace_back(buffer, static_cast<std::size_t>(n));
    return all;
  }
  descriptor fd;
  std::uint16_t port = 0;
};

endpoint six(std::uint16_t port) { return {*address::parse("::1"), port, {}}; }

TEST(PenlogdOutlet, SendsEachLineAsADatagramInItsForm) {
  const heard_datagrams penlogd;
  const auto to = outlet_to_datagrams({.to = six(penlogd.port), .from = {}}, plain);
  ASSERT_TRUE(to);
  EXPECT_EQ((*to)("one\ntwo\n").bytes, 8U);
  EXPECT_THAT(penlogd.take(), ElementsAre("> one\n", "> two\n"));
}

TEST(PenlogdOutlet, TakesALimitedNumberOfLinesAtATime) {
  const heard_datagrams penlogd;
  const auto to = outlet_to_datagrams({.to = six(penlogd.port), .from = {}}, plain);
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += "x\n";
  EXPECT_EQ((*to)(lines).bytes, 128U);
  EXPECT_EQ(penlogd.take().size(), 64U);
}

TEST(PenlogdOutlet, LosesWhatNobodyHearsOverUdp) {
  auto penlogd = std::make_optional<heard_datagrams>();
  const endpoint where = six(penlogd->port);
  const auto to = outlet_to_datagrams({.to = where, .from = {}}, plain);
  penlogd.reset();
  std::size_t taken = 0;
  for (int i = 0; i < 10 && taken < 6; ++i) taken += (*to)(std::string("a\nb\nc\n").substr(taken)).bytes;
  EXPECT_EQ(taken, 6U);
}

TEST(PenlogdOutlet, LosesALineThatIsTooLongForADatagram) {
  const heard_datagrams penlogd;
  const auto to = outlet_to_datagrams({.to = six(penlogd.port), .from = {}}, plain);
  const std::string line(70'000, 'x');
  EXPECT_EQ((*to)(line + "\nb\n").bytes, line.size() + 1);
  EXPECT_EQ((*to)("b\n").bytes, 2U);
  EXPECT_THAT(penlogd.take(), ElementsAre("> b\n"));
}

TEST(PenlogdOutlet, SaysWhyItCannotBeOpened) {
  EXPECT_FALSE(outlet_to_datagrams({.to = six(9), .from = *address::parse("2001:db8::1")}, plain));
  EXPECT_FALSE(outlet_to_datagrams({.to = {{}, 0, std::string(108, 'x')}, .from = {}}, plain));
}

TEST(PenlogdOutlet, WaitsForAUnixSocketAndComesBackToIt) {
  std::string folder = "/tmp/holdfast-outlet-XXXXXX";
  ensure(mkdtemp(folder.data()) != nullptr);
  const std::string path = folder + "/socket";
  const auto to = outlet_to_datagrams({.to = {{}, 0, path}, .from = {}}, plain);
  ASSERT_TRUE(to);
  EXPECT_EQ((*to)("one\n").error, EAGAIN);
  for (int life = 0; life < 2; ++life) {
    const heard_datagrams penlogd(path);
    for (int i = 0; i < 3 && (*to)("one\n").bytes == 0; ++i) continue;
    EXPECT_THAT(penlogd.take(), ElementsAre("> one\n"));
    std::filesystem::remove(path);
  }
  const heard_datagrams full(path);
  std::size_t sent = 0;
  line_writer::outcome last;
  for (int i = 0; i < 100'000 && (last.bytes > 0 || sent == 0); ++i) sent += (last = (*to)("x\n")).bytes;
  EXPECT_EQ(last.error, EAGAIN) << "nobody reads";
  std::filesystem::remove_all(folder);
}

// Somebody who listens with a key.
struct heard_frames {
  explicit heard_frames(std::uint8_t key, std::uint16_t port = 0)
      : door(io, tls_context(key_of(key), log_label), options,
             {.accepted =
                  [this](secure_stream stream, const endpoint&) {
                    caller = std::move(stream);
                    caller.start(heard.callbacks());
                  },
              .turned_away = [](const endpoint&, stream_end) {}}),
        at(*door.listen(loopback(port))) {}

  void turn() {
    io.restart();
    io.run_for(5ms);
  }
  std::string all() const {
    std::string text;
    for (const std::string& frame : heard.frames) text += frame;
    return text;
  }
  stream_options options{.frame_limit = max_log_frame, .queue_limit = 2 * max_log_frame, .silence = duration::zero()};
  boost::asio::io_context io;
  ear heard;
  secure_stream caller;
  secure_listener door;
  endpoint at;
};

// How much was delivered, in turns: the outlet waits a tenth of a second in each.
std::size_t deliver(const line_writer::outlet& to, std::string_view lines, heard_frames& penlogd) {
  std::size_t taken = 0;
  for (int i = 0; i < 50 && taken < lines.size(); ++i) {
    taken += to(lines.substr(taken)).bytes;
    penlogd.turn();
  }
  return taken;
}

TEST(PenlogdOutlet, SendsLinesOverTlsAndCallsAgain) {
  std::string lines;
  for (int i = 0; i < 10'000; ++i) lines += std::to_string(i) + "\n";
  std::optional<heard_frames> penlogd(std::in_place, 1);
  const endpoint where = penlogd->at;
  const auto to = outlet_to_tls({.to = where, .from = {}}, tls_context(key_of(1), log_label), plain);
  EXPECT_EQ(deliver(to, lines, *penlogd), lines.size());
  EXPECT_TRUE(eventually(penlogd->io, [&] { return penlogd->all().ends_with("> 9998\n> 9999\n"); }));
  EXPECT_TRUE(penlogd->all().starts_with("> 0\n> 1\n"));
  penlogd.reset();
  EXPECT_EQ(to("waits\n").error, EAGAIN);
  penlogd.emplace(1, where.port);
  EXPECT_EQ(deliver(to, "waits\n", *penlogd), 6U);
  EXPECT_TRUE(eventually(penlogd->io, [&] { return penlogd->all() == "> waits\n"; }));
}

TEST(PenlogdOutlet, SaysThatTheKeyIsAnother) {
  heard_frames penlogd(2);
  const auto to = outlet_to_tls({.to = penlogd.at, .from = {}}, tls_context(key_of(1), log_label), plain);
  int error = EAGAIN;
  for (int i = 0; i < 50 && error == EAGAIN; ++i) {
    error = to("x\n").error;
    penlogd.turn();
  }
  EXPECT_EQ(error, EKEYREJECTED);
}

}  // namespace
}  // namespace holdfast
