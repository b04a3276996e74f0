#include <array>

#include "tests/tidy/rules.h"

namespace holdfast::tidy {

namespace {

struct ban {
  const char* word;
  const char* why;
};

// Written in two halves, so that this file does not break its own rule.
constexpr std::array notes_to_self = {
    ban{"TO"
        "DO",
        "do it, or leave it"},
    ban{"FIX"
        "ME",
        "do it, or leave it"},
    ban{"XX"
        "X",
        "do it, or leave it"},
};

constexpr std::array everywhere = {
    ban{"GTEST_SKIP", "a test is never skipped"},
    ban{"virtual", "values and std::variant instead"},
    ban{"goto", "a function with a name instead"},
};

constexpr std::array in_pure_files = {
    ban{"steady_clock::now", "time is an argument"},
    ban{"system_clock::now", "time is an argument"},
    ban{"high_resolution_clock", "time is an argument"},
    ban{"clock_gettime", "time is an argument"},
    ban{"gettimeofday", "time is an argument"},
    ban{"time(nullptr)", "time is an argument"},
    ban{"time(NULL)", "time is an argument"},
    ban{"time(0)", "time is an argument"},
    ban{"std::time(", "time is an argument"},
    ban{"monotonic_now", "time is an argument"},
    ban{"wall_now", "time is an argument"},
    ban{"random_device", "randomness is an argument"},
    ban{"rand(", "randomness is an argument"},
    ban{"getrandom", "randomness is an argument"},
    ban{"getenv", "the environment is an argument"},
    ban{"fopen", "files are for _io"},
    ban{"ifstream", "files are for _io"},
    ban{"ofstream", "files are for _io"},
    ban{"fstream", "files are for _io"},
    ban{"getaddrinfo", "names are resolved in _io"},
    ban{"::socket(", "sockets are for _io"},
    ban{"setsockopt", "sockets are for _io"},
    ban{"epoll_wait", "sockets are for _io"},
    ban{"std::thread", "threads are for _io"},
    ban{"std::jthread", "threads are for _io"},
    ban{"sleep_for", "nothing pure waits"},
    ban{"sleep_until", "nothing pure waits"},
    ban{"spdlog", "deciders do not log: an effect or a refusal says it"},
    ban{"std::cout", "deciders do not log: an effect or a refusal says it"},
    ban{"std::cerr", "deciders do not log: an effect or a refusal says it"},
    ban{"std::clog", "deciders do not log: an effect or a refusal says it"},
    ban{"printf(", "deciders do not log: an effect or a refusal says it"},
    ban{"fprintf", "deciders do not log: an effect or a refusal says it"},
    ban{"puts(", "deciders do not log: an effect or a refusal says it"},
    ban{"syslog(", "deciders do not log: an effect or a refusal says it"},
};

constexpr std::array in_unit_tests = {
    ban{"sleep_for", "a unit test never sleeps: move the time it passes in"},
    ban{"sleep_until", "a unit test never sleeps: move the time it passes in"},
    ban{"usleep(", "a unit test never sleeps: move the time it passes in"},
    ban{"sleep(", "a unit test never sleeps: move the time it passes in"},
};

const char* const home_of_ensure = "base/ensure.h";

template <class Bans>
void look_for(const Bans& bans, const source& s, const std::vector<std::string>& lines, findings& out) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (const ban& b : bans) {
      if (has_word(lines[i], b.word)) out.push_back({s.path, i + 1, std::string(b.word) + ": " + b.why});
    }
  }
}

// GoogleTest leaves out a test whose name has this prefix.
void look_for_disabled_tests(const source& s, findings& out) {
  for (std::size_t i = 0; i < s.code_lines.size(); ++i) {
    if (s.code_lines[i].find("DISABLED_") != std::string::npos) {
      out.push_back({s.path, i + 1, "DISABLED_: a test is never disabled"});
    }
  }
}

void look_for_preprocessor(const source& s, findings& out) {
  for (std::size_t i = 0; i < s.code_lines.size(); ++i) {
    std::string_view line = trimmed(s.code_lines[i]);
    if (!line.starts_with('#')) continue;
    line = trimmed(line.substr(1));
    if (line.starts_with("include") || line.starts_with("pragma")) continue;
    if (s.path == home_of_ensure && line.starts_with("define ensure(")) continue;
    if (s.is_test() && !line.starts_with("define")) continue;  // a test may ask whether a sanitizer watches
    out.push_back({s.path, i + 1, "no preprocessor but #include, #pragma once and ensure()"});
  }
}

bool is_unit_test(const source& s) {
  for (const char* room :
       {"base", "cli", "peers", "penlog", "sync", "vrrp", "balancer", "sim", "scenarios", "golden"}) {
    if (s.path.starts_with("tests/" + std::string(room) + "/")) return true;
  }
  return false;
}

}  // namespace

findings check_forbidden_words(const source& s) {
  findings out;
  look_for(notes_to_self, s, s.lines, out);
  if (!s.is_cpp()) return out;
  look_for(everywhere, s, s.code_lines, out);
  look_for_disabled_tests(s, out);
  look_for_preprocessor(s, out);
  if (is_unit_test(s)) look_for(in_unit_tests, s, s.code_lines, out);
  return out;
}

findings check_purity(const source& s) {
  findings out;
  if (s.is_pure() && s.path != home_of_ensure) look_for(in_pure_files, s, s.code_lines, out);
  return out;
}

}  // namespace holdfast::tidy
