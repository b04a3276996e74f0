// The laboratory: hosts that are network namespaces of their own, joined by Ethernet switches, with real programs
// running in them. Everything lives as long as its object. Namespaces have no name on the file system, so they vanish
// with their last descriptor and process; processes end with their object, or with the thread that started them should
// the test be killed. Needs root. What the system refuses is thrown as std::runtime_error: the test fails and says why.
// One thread builds and starts; hosts may be used for sockets by any thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor_io.h"
#include "base/machine.h"

namespace holdfast::lab {

using namespace std::chrono_literals;

// Throws when the caller is not root.
void require_root();

// The programs under test: this build's, or those of the build that HOLDFAST_BUILD in the environment names. So the
// laboratory is built once and tries them with every sanitizer.
std::string build_directory();
std::string built(std::string_view program);
// Whether they were built with a sanitizer: memory figures then say nothing, and everything takes longer.
bool sanitized();

// True as soon as `claim` holds; false when it still does not after `limit`. Asks every few milliseconds.
bool eventually(const std::function<bool()>& claim, duration limit = 5s);

// The most files that a program of the laboratory may open here. Raises this process's own limit to it, too.
std::size_t file_limit();

// A directory for the files of one test, readable by everyone. The first of a process ends the processes and removes
// the directories that a killed earlier run has left.
class scratch {
 public:
  scratch();
  ~scratch();
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(std::string_view name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& path);  // "" when there is none

// A program running in a host.
class process {
 public:
  struct how {
    std::filesystem::path output;  // where stdout and stderr go; empty: nowhere
    std::size_t files = 0;         // limit of open files; 0: as many as the system allows us
    unsigned user = 0;             // uid and gid to run as
  };

  process() = default;
  process(int ns, const std::vector<std::string>& words, const how& options);
  process(process&& other) noexcept;
  process& operator=(process&& other) noexcept;
  ~process();  // kills it, frozen or not

  int pid() const { return pid_; }
  bool running();
  void kill(int signal);
  void freeze();
  void thaw();
  // Exit status (128 + number of the signal that ended it); none when it still runs after `limit`.
  std::optional<int> wait(duration limit);
  std::string output() const { return read_file(output_); }

  duration cpu_time() const;             // user and system, so far
  std::size_t anonymous_memory() const;  // bytes of user memory resident now
  std::size_t open_files() const;

 private:
  int pid_ = -1;
  std::optional<int> status_;
  std::filesystem::path output_;
};

class netlink;

// A machine of the laboratory. It has a loopback; cables come from `ethernet::plug`.
class host {
 public:
  explicit host(std::string name);
  ~host();
  host(const host&) = delete;
  host& operator=(const host&) = delete;

  const std::string& name() const { return name_; }
  int ns() const { return ns_.get(); }

  // "10.0.0.1/16" or "fd00::1/64"; usable at once (no duplicate address detection).
  void address(const std::string& link, const std::string& with_length);
  void route(const std::string& to_prefix, const std::string& gateway);
  // Every address of the prefix is this host's own, thousands for one route. To bind one, a socket needs IP_FREEBIND.
  void own(const std::string& prefix);
  void sysctl(const std::string& name, const std::string& value);  // "net/ipv4/ip_forward"
  void up(const std::string& link);
  void down(const std::string& link);
  void remove(const std::string& link, const std::string& with_length);  // an address, as somebody does by hand
  // True when a link that runs has this address ("192.0.2.80").
  bool holds(const std::string& address) const;
  // What it neither sends nor takes from now on, each in nftables' words ("ip protocol 112"), instead of what was said
  // before; none: all is well again.
  void drop(const std::vector<std::string>& matches);

  descriptor socket(int domain, int type, int protocol = 0) const;
  void enter() const;  // the calling thread belongs to this host from now on
  std::string must(const std::vector<std::string>& words)
      const;  // runs it to its end, 20 s at most; throws when its status is not 0
  process run(const std::vector<std::string>& words, const process::how& options = {}) const;

 private:
  friend class ethernet;
  std::string name_;
  descriptor ns_;
  std::unique_ptr<netlink> netlink_;
};

// A switch; its ports carry the names of the hosts behind them.
class ethernet {
 public:
  ethernet();

  // A cable from the host's link `name` to a port of this switch.
  void plug(host& to, const std::string& name = "eth0");
  // Pulls the plug on the switch's side: the host loses its carrier, the others hear nothing. heal() puts it back.
  void cut(const host& whose);
  void heal(const host& whose);
  // What it does not forward from now on, each in nftables' words, ports by their names ("iifname lb1"), instead of
  // what was said before. Nobody loses a carrier.
  void drop(const std::vector<std::string>& matches);
  const host& inside() const { return inside_; }  // for who listens to its ports

 private:
  host inside_{"switch"};
};

}  // namespace holdfast::lab
