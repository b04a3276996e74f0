// The command lines of penlog, penlogd and mergelogs, which are Pen's and more. Pure: from words to values.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/machine.h"
#include "base/result.h"
#include "cli/options/options.h"
#include "cli/settings/settings.h"

namespace holdfast {

struct penlog_options {
  place to;              // host and port, or the path of a UNIX socket
  std::string server;    // whose lines these are, MY_IP; "" = as penlogd sees it
  std::string key;       // --key: over TLS, with this cluster key; "" = no
  bool help = false;     // --help
  bool version = false;  // --version
};

struct penlogd_options {
  std::string address;       // "" = all
  std::string port;          // of UDP; "" = none
  std::string log_file;      // -l; "" = standard output
  std::string pid_file;      // -p
  std::string user;          // -u
  std::string chroot;        // -j
  std::string socket;        // --socket: also UNIX datagrams, at that path
  std::string tls;           // --tls: also TLS, at [ADDRESS:]PORT
  std::string key;           // --key: the cluster key
  std::string next_key;      // --next-key: accepted, too
  std::size_t lines = 1000;  // -n
  duration patience = 2s;    // --wait
  bool debug = false;        // -d
  bool unbuffered = false;   // -b
  bool foreground = false;   // -f
  bool help = false;         // --help
  bool version = false;      // --version
};

struct mergelogs_options {
  struct web_log {
    std::string server;  // "" = not said
    std::string file;
    bool operator==(const web_log&) const = default;
  };
  std::string balancer_log;          // -p; "" = not said
  std::vector<web_log> web_logs;     // SERVER:FILE
  std::chrono::seconds jitter{600};  // -j
  std::chrono::seconds zone{0};      // -t
  bool debug = false;                // -d
  bool help = false;                 // --help
  bool version = false;              // --version
};

// arguments: without the program's name. The error is one sentence.
result<penlog_options, std::string> parse_penlog_options(const std::vector<std::string>& arguments);
result<penlogd_options, std::string> parse_penlogd_options(const std::vector<std::string>& arguments);
result<mergelogs_options, std::string> parse_mergelogs_options(const std::vector<std::string>& arguments);

std::vector<option_row> penlog_option_rows();
std::vector<option_row> penlogd_option_rows();
std::vector<option_row> mergelogs_option_rows();

// What --help prints.
std::string penlog_options_help();
std::string penlogd_options_help();
std::string mergelogs_options_help();

}  // namespace holdfast
