// The daemons as a procedure of hfctl's asks them: one line after the other, each with the procedure's own `on NODE`
// and `service NAME` in front.
#pragma once

#include <string>
#include <string_view>

#include "cli/language/grammar.h"
#include "cli/reply/cluster_view.h"
#include "cli/talk/talk_io.h"

namespace holdfast {

// Why a procedure can't go on. no_daemon: nobody was there to ask.
struct setback {
  bool no_daemon = false;
  std::string why;
};

class daemons {
 public:
  // patience: with each answer.
  daemons(const sockets& at, const sentence& procedure, std::chrono::milliseconds patience);

  // What it did; a refusal is a setback.
  result<reply, setback> tell_balancer(std::string_view line) const { return tell(at_.balancer, line); }
  result<reply, setback> tell_agent(std::string_view line) const;
  result<cluster_view, setback> look() const;  // at the cluster

 private:
  result<reply, setback> tell(const std::string& socket, std::string_view line) const;

  sockets at_;
  std::chrono::milliseconds patience_;
  std::string before_;
};

}  // namespace holdfast
