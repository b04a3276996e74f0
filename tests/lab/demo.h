// The demonstration behind scripts/demo: real programs on hosts that are network namespaces. Tells what happens as it
// happens. Its parts are here; main() is in sync/demo.cpp.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <map>
#include <string>

#include "tests/lab/clients.h"

namespace holdfast::lab {

// What is said, in colours when a person is looking.
class teller {
 public:
  void title(const std::string& text) const { std::printf("\n%s\n", paint("1;4", text).c_str()); }
  void act(const std::string& title) {
    std::printf("\n%s\n", paint("1", std::to_string(++acts_) + ". " + title).c_str());
    std::fflush(stdout);
  }
  void line(const std::string& text) const { std::printf("   %s\n", text.c_str()); }
  void claim(bool holds, const std::string& sentence) {
    if (!holds) ++broken_;
    line(holds ? paint("32", "ok ") + sentence : paint("1;31", "NO ") + sentence);
  }
  int broken() const { return broken_; }

  // One digit a client: the number of the server that it met; `!` for nobody.
  void picture(const answers& who) const {
    std::string text;
    int column = 0;
    for (const auto& [client, server] : who) {
      const bool served = server.size() == 2 && server[0] == 's';
      text += served ? paint(colour_of(server), server.substr(1)) : paint("1;31", "!");
      if (++column % row != 0) continue;
      line(text);
      text.clear();
    }
    if (!text.empty()) line(text);
  }

  void bars(const std::map<std::string, int>& counts) const {
    for (const auto& [server, clients] : counts) {
      std::string bar;
      for (int i = 0; i < clients / 3; ++i) bar += '#';
      line(server + "  " + paint(colour_of(server), bar) + ' ' + std::to_string(clients));
    }
  }

  void quote(const std::string& text) const {
    for (std::size_t from = 0; from < text.size();) {
      const std::size_t end = std::min(text.find('\n', from), text.size());
      line(paint("2", "| ") + text.substr(from, end - from));
      from = end + 1;
    }
  }

 private:
  std::string paint(const std::string& code, const std::string& text) const {
    return colour_ ? "\x1b[" + code + 'm' + text + "\x1b[0m" : text;
  }
  static constexpr int row = 60;

  static std::string colour_of(const std::string& server) {
    static const char* const colours[] = {"36", "33", "35"};
    return server.size() == 2 && server[1] >= '0' && server[1] <= '2' ? colours[server[1] - '0'] : "1;31";
  }

  bool colour_ = ::isatty(STDOUT_FILENO) == 1;
  int acts_ = 0;
  int broken_ = 0;
};

void show_balancer(teller& say);  // demo.cpp
void show_pair(teller& say);      // sync/demo.cpp

}  // namespace holdfast::lab
