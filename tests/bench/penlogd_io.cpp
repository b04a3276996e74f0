// bench_penlogd PENLOGD [--lines=N]: how many lines a second penlogd puts together on one core. Half of them are a
// balancer's, half web servers', over a UNIX socket (nothing is lost: the sender waits) and over UDP. The bar: 100,000
// lines a second of processor time, all of them with their client. Status 1: below it; --short asks for no speed.
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

constexpr double bar = 100'000;
constexpr std::size_t batch = 32;  // datagrams at once

struct figures {
  double wall = 0, processor = 0;           // seconds
  long written = 0, named = 0, memory = 0;  // KiB at most
};

std::string client_of(int i) { return "192.0.2." + std::to_string(1 + i % 200); }
std::string source_of(int i) { return "10.0.0.1:" + std::to_string(1024 + i % 60'000); }
std::string path_of(int i) { return "/images/gallery/" + std::to_string(i % 5000) + ".html?session=0123456789abcdef"; }

std::string told(int i) {
  return "+ " + client_of(i) + " 127.0.0.1 GET " + path_of(i) + " HTTP/1.1\t" + source_of(i) + "\n";
}
std::string logged(int i) {
  return "[10.0.0.1]:" + std::to_string(1024 + i % 60'000) + " - - [30/Nov/2026:18:00:00 +0000] \"GET " + path_of(i) +
         " HTTP/1.1\" 200 5120 \"-\" \"" + client_of(i) + "\"\n";
}

void send_all(int fd, int lines, bool waits) {
  std::vector<std::string> texts(batch);
  std::vector<iovec> parts(batch);
  std::vector<mmsghdr> messages(batch);
  for (int i = 0; i < lines / 2;) {
    std::size_t count = 0;
    for (; count < batch && i < lines / 2; ++i) {
      texts[count++] = told(i);
      texts[count++] = logged(i);
    }
    for (std::size_t k = 0; k < count; ++k) {
      parts[k] = {texts[k].data(), texts[k].size()};
      messages[k].msg_hdr = {};
      messages[k].msg_hdr.msg_iov = &parts[k];
      messages[k].msg_hdr.msg_iovlen = 1;
    }
    for (std::size_t sent = 0; sent < count;) {
      const int more = ::sendmmsg(fd, messages.data() + sent, static_cast<unsigned>(count - sent), 0);
      if (more > 0) sent += static_cast<std::size_t>(more);
    }
    if (!waits) std::this_thread::sleep_for(200us);  // UDP has nobody who would make us wait
  }
}

int open_local(const std::string& path) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  path.copy(at.sun_path, sizeof at.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  for (int i = 0; i < 1000; ++i) {
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) return fd;
    std::this_thread::sleep_for(5ms);
  }
  return -1;
}

int open_udp(int port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 ? fd : -1;
}

pid_t start(const std::vector<std::string>& words) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  _exit(127);
}

// Each line ends with the client that it is to begin with.
figures count_lines(const std::string& path) {
  figures seen;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line); ++seen.written) {
    const std::string client = line.substr(0, line.find(' '));
    if (line.ends_with('"' + client + '"')) ++seen.named;
  }
  return seen;
}

figures measure(const std::string& penlogd, const std::string& folder, int lines, bool local) {
  const std::string log = folder + "/log", path = folder + "/socket";
  std::filesystem::remove(log);
  const int port = 20'000 + getpid() % 10'000;
  const pid_t pid = start({penlogd, "-f", "-l", log, "--socket", path, std::to_string(port)});
  const int ready = open_local(path);
  const int to = local ? ready : open_udp(port);
  const auto began = clock_type::now();
  send_all(to, lines, local);
  ::kill(pid, SIGTERM);
  int status = 0;
  rusage used{};
  ::wait4(pid, &status, 0, &used);
  const double wall = std::chrono::duration<double>(clock_type::now() - began).count();
  ::close(to);
  if (to != ready) ::close(ready);
  figures seen = count_lines(log);
  seen.memory = used.ru_maxrss;
  seen.wall = wall;
  for (const timeval& t : {used.ru_utime, used.ru_stime})
    seen.processor += static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  return seen;
}

}  // namespace

int main(int count, char** words) {
  int lines = 2'000'000;
  bool in_earnest = true;
  std::string penlogd;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--short") {
      lines = 20'000;
      in_earnest = false;
    } else if (word.starts_with("--lines=")) {
      lines = std::atoi(words[i] + 8);
    } else {
      penlogd = word;
    }
  }
  if (penlogd.empty() || lines < 2)
    return std::fputs("usage: bench_penlogd PENLOGD [--lines=N] [--short]\n", stderr), 2;
  std::string folder = "/tmp/holdfast-bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return 2;
  bool good = true;
  for (const bool local : {true, false}) {
    const figures seen = measure(penlogd, folder, lines, local);
    const double rate = lines / seen.processor;
    std::printf("%-6s %8d lines: %.0f a second of one core (%.2f s of %.2f s), %ld MiB, %ld of %d named\n",
                local ? "unix" : "udp", lines, rate, seen.processor, seen.wall, seen.memory / 1024, seen.named,
                lines / 2);
    good &= (!local || seen.named == lines / 2) && seen.named == seen.written && (!in_earnest || rate >= bar);
  }
  std::filesystem::remove_all(folder);
  return good ? 0 : 1;
}
