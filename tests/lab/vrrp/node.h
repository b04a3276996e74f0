// One of two nodes, with what may run on it: an agent that decides who has the addresses, and a balancer. Of either
// there is one at a time: starting another ends the first. Starting returns as soon as the program runs; it throws with
// the program's output when it ends at once. Configurations are given as text, see pair_config.h.
#pragma once

#include <string>
#include <vector>

#include "tests/lab/lab.h"
#include "tests/lab/vrrp/program.h"

namespace holdfast::lab {

class node {
 public:
  // lb1 or lb2. Its links: eth0 to the front switch, sync0 to the sync switch.
  node(int number, ethernet& front, ethernet& sync, const scratch& files);

  int number() const { return number_; }
  const std::string& name() const { return machine_.name(); }
  host& machine() { return machine_; }
  const host& machine() const { return machine_; }
  const std::filesystem::path& run_directory() const { return directory_; }
  program& agent() { return agent_; }
  program& balancer() { return balancer_; }

  // From now on our balancer has a directory in which its memory outlives it.
  void remember_clients() { state_directory_ = directory_ / "state"; }

  // From now on our programs are started by this one, which becomes them: its words stand in front of theirs.
  void start_through(std::vector<std::string> words) { through_ = std::move(words); }

  void start_our_balancer(const std::string& configuration);
  void start_our_agent(const std::string& configuration);
  void start_ours(const std::string& configuration);           // both
  void start_keepalived(const std::string& configuration);     // vrrp only; sees the end of processes on this machine
  void start_frr(const std::string& configuration, int vrid);  // zebra, vrrpd, and the macvlan links it wants
  void start_haproxy(const std::string& configuration);        // as a process named "haproxy-lb1"

  // The file of start_ours is this now; nobody is told.
  void rewrite_ours(const std::string& configuration) const;

  void kill_all();
  void freeze_all();
  void thaw_all();
  std::string said() const;  // by all that runs or ran here

 private:
  std::filesystem::path write(const std::string& name, const std::string& text) const;
  program start(const std::vector<std::string>& words, const std::string& log);
  program start_own(std::vector<std::string> words, const std::string& log);
  int number_;
  host machine_;
  std::filesystem::path directory_, state_directory_;
  std::vector<std::string> through_;
  program agent_, balancer_, zebra_;
};

}  // namespace holdfast::lab
