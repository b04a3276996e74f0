// Runs the steps of a case against one balancer program, in a host of its own where ports and addresses are free.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "tests/differential/case_file.h"
#include "tests/differential/log_rig.h"
#include "tests/lab/clients.h"
#include "tests/lab/lab.h"

namespace holdfast::differential {

class naming_server;

struct program {
  std::string folder;  // of pen, penctl, penlog, penlogd and mergelogs, with a slash
  std::vector<std::string>
      start;  // of `run`: pen and what stands before a case's arguments; $DIR is the case's directory
};

// -P: with its default, epoll, Pen does not notice that a connect was refused (the case epoll-misses-refusals shows
// it). -u: without it Pen opens no control socket as root.
program debians_pen();

// Our programs behave as Pen's when they are called so; `files` holds the links. Pen is one thread; so are we here, or
// lines of the access log change places.
program holdfast_as_pen(const lab::scratch& files);

class rig {
 public:
  explicit rig(program what);
  ~rig();

  // What the balancer answers to this step, normalised. `expected`: figures that the balancer may bring up to date a
  // moment later are asked for again until they are as expected, at most for a second.
  std::string perform(const step& s, const std::string& expected);

 private:
  std::string run(const step& s);
  std::string about_logs(const step& s);
  std::string ask(const step& s, bool keep);
  void settle();  // until the balancer counts no connections but those held
  std::string ctl(const step& s, const std::string& expected);
  std::string page(const step& s);
  std::string stop();
  std::string script(const step& s);
  void write_file(const step& s) const;
  void set_server(const std::string& name, bool up);
  std::string call_penctl(const std::vector<std::string>& words);
  std::string in_place(const std::string& word) const;  // $DIR filled in
  std::string normalised(const step& s,
                         const std::string& text) const;  // and taken out again, as are pid, times, dates

  program what_;
  lab::scratch files_;
  lab::host host_{"alone"};
  std::map<std::string, std::unique_ptr<naming_server>> servers_;
  std::vector<std::unique_ptr<naming_server>> more_;  // by `serve`
  std::map<std::string, lab::conversation> held_;
  lab::process balancer_;
  log_rig logs_;
};

}  // namespace holdfast::differential
