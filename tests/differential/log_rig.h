// The steps of a case about penlog, penlogd and mergelogs, in the host and the directory of the rig.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/lab/lab.h"

namespace holdfast::differential {

class log_rig {
 public:
  // folder: where they are, with a slash.
  log_rig(const lab::host& where, const lab::scratch& files, std::string folder);

  // The answer; none: the step is not one of these.
  std::optional<std::string> perform(const std::string& verb, const std::vector<std::string>& words,
                                     const std::string& source);

 private:
  std::string start(std::vector<std::string> words);
  std::string finish(int signal);
  std::string run(const std::string& program, const std::vector<std::string>& words, const std::string& input);
  std::string send(const std::string& from, const std::string& text);

  const lab::host& host_;
  const lab::scratch& files_;
  std::string folder_;
  lab::process penlogd_;
};

}  // namespace holdfast::differential
