// What is wrong with settings as a whole, or can hardly be meant. Says what it is about in the words of a file, so that
// config.h finds the line.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

namespace holdfast {

enum class severity : std::uint8_t {
  warns,       // works, but hardly as meant
  unfinished,  // can't begin yet: refused in a file; said to a running agent, the group waits for the rest
  refuses
};

struct finding {
  severity is = severity::refuses;
  std::string about;  // how lines about it begin, with their service: "service web server 1", "vrrp front"; "" = none
  std::string why;    // one sentence that helps, without a final stop
  bool operator==(const finding&) const = default;
};

using findings = std::vector<finding>;

// "WHY; WHY"
inline std::string in_one_line(const findings& all) {
  std::string line;
  for (const finding& f : all) line += (line.empty() ? "" : "; ") + f.why;
  return line;
}

// Each line of the text, "WHAT: WHY", refuses WHAT of this service.
inline void add_lines(findings& to, const std::string& service, const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    to.push_back({severity::refuses, service + ' ' + line.substr(0, line.find(": ")), service + ": " + line});
  }
}

}  // namespace holdfast
