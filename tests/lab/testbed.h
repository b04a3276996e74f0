// The usual scene: a balancer in front of some nginx servers, and a crowd of clients, each with an address of its own.
//
//   crowd 10.0.0.2 fd00::2, owns 10.9.0.0/16, fd00:9::/64 and 81.2.69.0/24   ---+
//   front 10.0.0.1 fd00::1, owns 192.0.2.80 and 2001:db8::80 (the service)   ---+--- switch
//   s0, s1 ... 10.0.1.11, 10.0.1.12 ... fd00::1:11, fd00::1:12 ...           ---+
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/lab/clients.h"
#include "tests/lab/lab.h"

namespace holdfast::lab {

// HOLDFAST_LAB_LONG=1 in the environment asks for the long forms of the tests that have one: ten times the work.
bool long_form();

address at(std::string_view text);  // an address that is known to be well formed
endpoint at(std::string_view host, std::uint16_t port);

// A server host with an nginx that answers its own name to everything, on the ports 80 and 443 (both plain) of all its
// addresses. It starts running.
class backend {
 public:
  backend(std::string name, ethernet& net, int number, const scratch& files);
  const std::string& name() const { return machine_.name(); }
  const std::string& address4() const { return address4_; }
  const std::string& address6() const { return address6_; }
  host& machine() { return machine_; }

  void start();                       // and waits until it answers
  void kill();                        // its port then refuses
  void freeze() { nginx_.freeze(); }  // the kernel still takes connections for it
  void thaw() { nginx_.thaw(); }

 private:
  host machine_;
  std::string address4_, address6_;
  std::filesystem::path configuration_;
  process nginx_;
};

class testbed {
 public:
  explicit testbed(int servers);

  const scratch& files() const { return files_; }
  ethernet& net() { return net_; }
  host& front() { return front_; }
  host& crowd() { return crowd_; }
  backend& server(int n) { return *servers_.at(static_cast<std::size_t>(n)); }

  static endpoint service4(std::uint16_t port = 80) { return at("192.0.2.80", port); }
  static endpoint service6(std::uint16_t port = 80) { return at("2001:db8::80", port); }
  static std::vector<address> clients4(int count);  // 10.9.0.1 and on
  static std::vector<address> clients6(int count);  // fd00:9::1 and on: they differ in the last bytes only

  // "server 0 address 10.0.1.11 port 80\n..." for all servers; `more` is put behind each line.
  std::string servers4(const std::string& more = {}) const;
  std::string servers6(const std::string& more = {}) const;

  std::string ask(const address& from, const endpoint& to = service4()) { return lab::ask(crowd_, from, to); }

 private:
  scratch files_;
  ethernet net_;
  host front_{"front"};
  host crowd_{"crowd"};
  std::vector<std::unique_ptr<backend>> servers_;
};

// holdfast-balancer in the front host.
struct launch {
  std::vector<std::string> arguments{};  // besides -f -F FILE --run-dir DIR
  std::size_t files = 0;                 // limit of open files; 0: as many as the system allows
  std::string name = "holdfast";         // of its files: several in one testbed have each its own
  std::vector<std::string> through{};    // a program that becomes it: these words stand in front of its own
};

class balancer {
 public:
  // Starts it with this configuration; returns when it answers on its control socket, throws with its output otherwise.
  balancer(testbed& bed, const std::string& configuration, const launch& options = {});

  process& program() { return program_; }
  std::filesystem::path control_path() const { return directory_ / "balancer.sock"; }
  std::filesystem::path file() const { return file_; }
  void rewrite(const std::string& configuration) const;  // the file only; nobody is told
  void hang_up() { program_.kill(1); }                   // SIGHUP: read the file again

  struct answer {
    int status = -1;
    std::string text;
  };
  // hfctl --run-dir DIR WORDS..., in a process as `user`.
  answer ctl(const std::vector<std::string>& words, unsigned user = 0);
  // The same, for commands that must be done: throws when the status is not 0.
  std::string tell(const std::string& command);

 private:
  testbed* bed_;
  std::filesystem::path directory_;
  std::filesystem::path file_;
  process program_;
};

}  // namespace holdfast::lab
