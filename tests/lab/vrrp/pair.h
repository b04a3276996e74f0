// The scene of all trials with two nodes:
//
//   crowd 192.0.2.2, 10.0.0.2, 2001:db8::2, fd00::2             ---+
//   lb1   192.0.2.11, 10.0.0.11, 2001:db8::11, fd00::11 (eth0)  ---+--- front switch
//   lb2   192.0.2.12, 10.0.0.12, 2001:db8::12, fd00::12 (eth0)  ---+
//   s0, s1, s2  10.0.1.11 ..., fd00::1:11 ...                   ---+
//   lb1   10.0.9.11 (sync0)  ---+--- sync switch
//   lb2   10.0.9.12 (sync0)  ---+
//
// The virtual addresses are 192.0.2.80 and 2001:db8::80; nobody has them at first. The servers answer their own name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/lab/testbed.h"
#include "tests/lab/vrrp/node.h"

namespace holdfast::lab {

inline constexpr const char* virtual4 = "192.0.2.80";
inline constexpr const char* virtual6 = "2001:db8::80";

class pair {
 public:
  pair();
  ~pair();

  const scratch& files() const { return files_; }
  ethernet& front() { return front_; }
  ethernet& sync() { return sync_; }
  host& crowd() { return crowd_; }
  node& lb(int number) { return *nodes_.at(static_cast<std::size_t>(number - 1)); }  // 1 or 2
  const node& lb(int number) const { return *nodes_.at(static_cast<std::size_t>(number - 1)); }

  // Who has this address now: {}, {"lb1"}, {"lb2"}, or both.
  std::vector<std::string> holders(const std::string& address) const;
  // True as soon as this node alone has it.
  bool settles_on(const std::string& name, const std::string& address = virtual4, duration limit = 10s) const;

  backend& server(int number) { return *servers_.at(static_cast<std::size_t>(number)); }  // 0, 1 or 2

  void cut(node& whose);  // both cables: it sees its carriers go
  void heal(node& whose);
  void silence(node& whose);  // both switches forward nothing from it or to it; all carriers stay
  void unsilence();

  std::string said() const;  // by all programs on both nodes

 private:
  scratch files_;
  ethernet front_, sync_;
  host crowd_{"crowd"};
  std::vector<std::unique_ptr<node>> nodes_;
  std::vector<std::unique_ptr<backend>> servers_;
};

}  // namespace holdfast::lab
