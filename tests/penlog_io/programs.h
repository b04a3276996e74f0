// The three programs, started in a folder of their own, and sockets to talk to them.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/descriptor_io.h"
#include "base/ensure.h"
#include "tests/places.h"

namespace holdfast {

using namespace std::chrono_literals;

inline const std::string penlog = own_build() + "/penlog", penlogd = own_build() + "/penlogd",
                         mergelogs = own_build() + "/mergelogs";

class folder {
 public:
  folder() {
    std::string pattern = "/tmp/holdfast-penlog-XXXXXX";
    ensure(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~folder() { std::filesystem::remove_all(path_); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  std::string file(const std::string& name) const { return path_ + '/' + name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name)) << text;
    return file(name);
  }
  std::string text_of(const std::string& name) const {
    std::ostringstream all;
    all << std::ifstream(file(name)).rdbuf();
    return all.str();
  }

 private:
  std::string path_;
};

inline bool eventually(const std::function<bool()>& claim, std::chrono::milliseconds limit = 10s) {
  for (const auto end = std::chrono::steady_clock::now() + limit; !claim();) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

struct outcome {
  int status = -1;
  std::string out;  // and errors
};

// By the shell, standard input empty unless the line says otherwise.
inline outcome run(const std::string& line) {
  outcome r;
  FILE* from = popen(("exec 2>&1 </dev/null; " + line).c_str(), "r");
  char buffer[4096];
  for (std::size_t n = 0; (n = fread(buffer, 1, sizeof buffer, from)) > 0;) r.out.append(buffer, n);
  const int status = pclose(from);
  r.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return r;
}

// A program of ours in the background, its output in a file.
class running {
 public:
  running(std::vector<std::string> words, const std::string& output, int input = -1) {
    pid_ = fork();
    ensure(pid_ >= 0);
    if (pid_ > 0) return;
    FILE* to = freopen(output.c_str(), "a", stdout);
    if (to == nullptr || dup2(fileno(to), 2) < 0 || (input >= 0 && dup2(input, 0) < 0)) _exit(126);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
  }
  ~running() { stop(SIGKILL); }
  running(const running&) = delete;
  running& operator=(const running&) = delete;

  int pid() const { return pid_; }
  void say(int signal) const { ::kill(pid_, signal); }
  int stop(int signal = SIGTERM) {  // its status, as a shell has it
    if (pid_ > 0) say(signal);
    return wait();
  }
  int wait() {
    int status = 0;
    if (pid_ > 0) waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
};

// A UDP socket on loopback, or a UNIX one.
class datagram_socket {
 public:
  explicit datagram_socket(const std::string& address = "127.0.0.1")
      : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at = name_of(address, 0);
    ensure(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
  }
  int port() const {
    sockaddr_in at{};
    socklen_t size = sizeof at;
    ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&at), &size);
    return ntohs(at.sin_port);
  }
  void send(int to, const std::string& text) const {
    const sockaddr_in at = name_of("127.0.0.1", to);
    ensure(::sendto(fd_.get(), text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&at), sizeof at) > 0);
  }
  std::string receive() const {  // "": nothing within ten seconds
    pollfd there{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&there, 1, 10'000) <= 0) return "";
    std::string text(70'000, '\0');
    const ssize_t size = ::recv(fd_.get(), text.data(), text.size(), 0);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }

 private:
  static sockaddr_in name_of(const std::string& address, int port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    ensure(inet_pton(AF_INET, address.c_str(), &at.sin_addr) == 1);
    return at;
  }
  descriptor fd_;
};

// That nobody has, for UDP and for TCP; not among those that the system gives away meanwhile to whoever calls.
inline int free_port() {
  static std::minstd_rand any{std::random_device()()};
  for (;;) {
    const int port = std::uniform_int_distribution(10'000, 32'000)(any);
    sockaddr_in6 at{};
    at.sin6_family = AF_INET6;
    at.sin6_port = htons(static_cast<std::uint16_t>(port));
    const auto is_free = [&at](int kind) {
      const descriptor fd(::socket(AF_INET6, kind | SOCK_CLOEXEC, 0));
      return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
    };
    if (is_free(SOCK_DGRAM) && is_free(SOCK_STREAM)) return port;
  }
}

}  // namespace holdfast
