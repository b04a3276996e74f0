#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "tests/differential/naming_server_io.h"
#include "tests/differential/rig.h"

namespace holdfast::differential {
namespace {

using namespace std::chrono_literals;

// Servers a to f say their letter on the ports 7001 to 7006 of 127.0.0.1 and ::1.
std::vector<endpoint> endpoints_of(const std::string& name) {
  const auto port = static_cast<std::uint16_t>(7001 + name.at(0) - 'a');
  return {{.host = *address::parse("127.0.0.1"), .port = port, .path = {}},
          {.host = *address::parse("::1"), .port = port, .path = {}}};
}

// "127.0.0.1:8080", "[::1]:8080", "/path".
endpoint endpoint_of(const std::string& text) {
  if (text.starts_with('/')) return {.host = {}, .port = 0, .path = text};
  const std::size_t colon = text.rfind(':');
  return {.host = *address::parse(text.substr(0, colon)), .port = *parse_port(text.substr(colon + 1)), .path = {}};
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

// In a script: `ask HOST PORT` or `ask PATH` says who answers.
constexpr const char* ask_command = R"py(#!/usr/bin/python3
import socket, sys
try:
    if len(sys.argv) == 2:
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(5)
        s.connect(sys.argv[1])
    else:
        s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
    s.sendall(b"ask\n")
    print(s.recv(100).decode().strip() or "(closed)")
except OSError as e:
    print("(%s)" % e.strerror)
)py";

// Scripts work in $DIR, which everybody may write; a file `hosts` there is /etc/hosts to them. `settle` waits for what
// is under way, `end PID` ends a process.
constexpr const char* before_scripts = R"(
if [ -e hosts ]; then mount --bind hosts /etc/hosts; fi
PATH=$PWD/bin:$PATH
settle() { sleep 0.5; }
end() { kill $1; while kill -0 $1 2>/dev/null; do sleep 0.05; done; }
)";

bool is_in(const std::filesystem::path& proc, ino_t ns) {
  struct stat seen{};
  return ::stat((proc / "ns/net").c_str(), &seen) == 0 && seen.st_ino == ns;
}

// A daemon that a script has started is nobody's child.
void end_all_in(const lab::host& where) {
  struct stat own{};
  if (::fstat(where.ns(), &own) != 0) return;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const int pid = std::atoi(entry.path().filename().c_str());
    if (pid > 0 && is_in(entry.path(), own.st_ino)) ::kill(pid, SIGKILL);
  }
}

// Debian's Pen looks for databases that no package has any more.
std::string without_noise(const std::string& text) {
  static const std::regex missing("Error Opening file /usr/share/GeoIP/[^\n]*\n");
  return std::regex_replace(text, missing, "");
}

std::string as_line(const std::string& text) { return text.empty() || text.ends_with('\n') ? text : text + '\n'; }

}  // namespace

program debians_pen() { return {"/usr/bin/", {"/usr/bin/pen", "-P", "-f", "-u", "root", "-C", "$DIR/control"}}; }

program holdfast_as_pen(const lab::scratch& files) {
  namespace fs = std::filesystem;
  const std::string folder = files.path().string() + '/';
  const auto link = [&folder](const char* built, const char* name) {
    if (!fs::exists(folder + name)) fs::create_symlink(lab::built(built), folder + name);
  };
  link("holdfast-balancer", "pen");
  link("hfctl", "penctl");
  for (const char* name : {"penlog", "penlogd", "mergelogs"}) link(name, name);
  return {folder, {folder + "pen", "-f", "-u", "root", "-C", "$DIR/control", "-O", "workers 1"}};
}

rig::rig(program what) : what_(std::move(what)), logs_(host_, files_, what_.folder) {
  host_.own("fd00:9::/64");
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) set_server(name, true);
}

rig::~rig() { end_all_in(host_); }

std::string rig::perform(const step& s, const std::string& expected) {
  if (s.verb == "run") return run(s);
  if (s.verb == "ask") return ask(s, false);
  if (s.verb == "hold") return ask(s, true);
  if (s.verb == "ctl") return ctl(s, expected);
  if (s.verb == "page") return page(s);
  if (s.verb == "stop") return stop();
  if (s.verb == "script") return script(s);
  if (s.verb == "show") return as_line(normalised(s, lab::read_file(in_place(s.words.at(0)))));
  if (s.verb == "release") {
    held_.erase(s.words.at(0));
    settle();
  } else if (s.verb == "up" || s.verb == "down") {
    set_server(s.words.at(0), s.verb == "up");
  } else if (s.verb == "serve") {
    more_.push_back(std::make_unique<naming_server>(host_, std::vector{endpoint_of(s.words.at(1))}, s.words[0]));
  } else if (s.verb == "file") {
    write_file(s);
  } else if (s.verb == "pause") {
    std::this_thread::sleep_for(std::min<duration>(std::chrono::milliseconds(std::stoi(s.words.at(0))), 5s));
  } else if (s.verb == "signal") {
    balancer_.kill(s.words.at(0) == "HUP" ? SIGHUP : SIGUSR1);
  } else {
    return about_logs(s);
  }
  return {};
}

std::string rig::about_logs(const step& s) {
  std::vector<std::string> words;
  for (const std::string& word : s.words) words.push_back(in_place(word));
  const auto answer = logs_.perform(s.verb, words, in_place(s.source));
  if (!answer) throw std::runtime_error("no such step: " + s.source);
  return as_line(normalised(s, *answer));
}

std::string rig::run(const step& s) {
  std::vector<std::string> words;
  for (const std::string& word : what_.start) words.push_back(in_place(word));
  for (const std::string& word : s.words) words.push_back(in_place(word));
  balancer_ = host_.run(words, {.output = files_.path() / "output"});
  const bool settled = lab::eventually(
      [this] { return !balancer_.running() || call_penctl({"pid"}).find("(exit ") == std::string::npos; });
  if (settled && balancer_.running()) return {};
  return balancer_.running() ? "(does not answer)\n" : "(does not start)\n";
}

std::string rig::ask(const step& s, bool keep) {
  address from = *address::parse(s.words.at(0));
  const std::string to = s.words.size() > 1 ? in_place(s.words[1]) : from.is_v4() ? "127.0.0.1:8080" : "[::1]:8080";
  const endpoint there = endpoint_of(to);
  if (!there.path.empty()) from = address();  // a UNIX socket has no such thing
  lab::conversation c(host_, from, there, 5s);
  c.send(keep ? "hold\n" : "ask\n");
  std::string answer = c.receive(256);
  if (answer.empty()) answer = c.trouble() == "(reset)" ? "(closed)\n" : c.trouble() + '\n';
  if (keep && c.trouble().empty()) held_.insert_or_assign(s.words[0], std::move(c));
  c = lab::conversation(descriptor());
  settle();
  return answer;
}

void rig::settle() {
  static const std::regex count(" conn ([0-9]+) ");
  lab::eventually(
      [this] {
        const std::string text = call_penctl({"servers"});
        std::size_t connections = 0;
        for (std::sregex_iterator at(text.begin(), text.end(), count), end; at != end; ++at)
          connections += std::stoul((*at)[1]);
        return connections <= held_.size();
      },
      1s);
}

std::string rig::ctl(const step& s, const std::string& expected) {
  std::vector<std::string> words;
  for (const std::string& word : s.words) words.push_back(in_place(word));
  std::string answer;
  const bool figures = words.at(0) == "servers" || words[0] == "recent";
  lab::eventually([&] { return (answer = normalised(s, call_penctl(words))) == expected || !figures; }, 1s);
  return answer;
}

// As programs read the page: behind a heading, a row for each `<tr>`, and a cell a line.
std::string rig::page(const step& s) {
  static const std::regex tag("<[^>]*>"), age("(\n[0-9]+, [^,]*), [0-9]+");
  const std::size_t columns = std::stoul(s.words.at(1));
  std::istringstream in(call_penctl({"status"}));
  std::string out;
  std::size_t cells = 0;
  bool reading = false;
  for (std::string line; std::getline(in, line);) {
    reading |= line.find(s.words[0]) != std::string::npos;
    if (!reading) continue;
    if (line.find("</table>") != std::string::npos) break;
    if (line == "<tr>") cells = 0;
    if (line == "</tr>") out += '\n';
    const bool cell = line.starts_with("<td") || line.starts_with("<th");
    if (cell && ++cells <= columns) out += (cells > 1 ? ", " : "") + std::regex_replace(line, tag, "");
  }
  return normalised(s, s.words[0] == "Active clients" ? std::regex_replace(out, age, "$1, AGE") : out);
}

std::string rig::stop() {
  balancer_.kill(SIGTERM);
  const auto status = balancer_.wait(5s);
  return status ? "(exit " + std::to_string(*status) + ")\n" : "(still runs)\n";
}

std::string rig::script(const step& s) {
  namespace fs = std::filesystem;
  const fs::path bin = files_.path() / "bin";
  if (fs::create_directory(bin)) {
    fs::permissions(files_.path(), fs::perms::all);
    for (const char* name : {"pen", "penctl", "penlog", "penlogd", "mergelogs"})
      fs::create_symlink(what_.folder + name, bin / name);
    files_.write("bin/ask", ask_command);
    fs::permissions(bin / "ask", fs::perms(0755));
  }
  std::string text = "cd " + files_.path().string() + before_scripts;
  for (const std::string& line : s.text) text += in_place(line) + '\n';
  const fs::path output = files_.path() / "script.out";
  fs::remove(output);
  lab::process shell = host_.run({"unshare", "--mount", "sh", "-c", text}, {.output = output});
  const auto status = shell.wait(90s);
  return as_line(normalised(s, without_noise(shell.output()))) + (status ? "" : "(does not end)\n");
}

void rig::write_file(const step& s) const {
  std::string text;
  for (const std::string& line : s.text) text += in_place(line) + '\n';
  files_.write(s.words.at(0), text);
}

void rig::set_server(const std::string& name, bool up) {
  if (up)
    servers_[name] = std::make_unique<naming_server>(host_, endpoints_of(name), name);
  else
    servers_.erase(name);
}

std::string rig::call_penctl(const std::vector<std::string>& words) {
  std::vector<std::string> all{what_.folder + "penctl", files_.path() / "control"};
  all.insert(all.end(), words.begin(), words.end());
  const std::filesystem::path output = files_.path() / "penctl.out";
  std::filesystem::remove(output);
  lab::process caller = host_.run(all, {.output = output});
  const auto status = caller.wait(10s);
  const std::string text = as_line(caller.output());
  if (!status) return text + "(does not end)\n";
  return *status == 0 ? text : text + "(exit " + std::to_string(*status) + ")\n";
}

std::string rig::in_place(const std::string& word) const { return replaced(word, "$DIR", files_.path()); }

std::string rig::normalised(const step& s, const std::string& text) const {
  static const std::regex date("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"), seconds("\\b1[0-9]{9}\\b");
  std::string out = replaced(text, files_.path(), "$DIR");
  out = std::regex_replace(out, date, "DATE");
  out = std::regex_replace(out, seconds, "TIME");
  // Only where a pid is asked for: elsewhere the same number is a port.
  return !s.words.empty() && s.words[0].ends_with("pid") ? replaced(out, std::to_string(balancer_.pid()), "PID") : out;
}

}  // namespace holdfast::differential
