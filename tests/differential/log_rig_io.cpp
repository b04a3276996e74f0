#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "tests/differential/log_rig.h"
#include "tests/lab/clients.h"
#include "tests/lab/socket_address_io.h"

namespace holdfast::differential {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t port = 10'000;

std::string status_text(std::optional<int> status) {
  if (!status) return "(does not end)\n";
  return *status == 0 ? "" : "(exit " + std::to_string(*status) + ")\n";
}

// "\n", "\t" and "{a*90}", which is ninety of them.
std::string unfolded(std::string text) {
  for (std::size_t at = 0; (at = text.find('\\', at)) != text.npos; ++at) {
    const char c = text.at(at + 1);
    if (c == 'n' || c == 't') text.replace(at, 2, 1, c == 'n' ? '\n' : '\t');
  }
  for (std::size_t at = 0; (at = text.find('{')) != text.npos;) {
    const std::size_t end = text.find('}', at);
    text.replace(at, end + 1 - at, std::string(std::stoul(text.substr(at + 3, end - at - 3)), text[at + 1]));
  }
  return text;
}

// Bytes that nobody has read yet at the port, as the host of that process sees it; none: nobody has bound it.
std::optional<std::size_t> unread(int pid) {
  std::optional<std::size_t> found;
  for (const char* table : {"/net/udp", "/net/udp6"}) {
    std::istringstream in(lab::read_file("/proc/" + std::to_string(pid) + table));
    for (std::string line; std::getline(in, line);) {
      std::istringstream words(line);
      std::string number, local, remote, state, queues;
      words >> number >> local >> remote >> state >> queues;
      if (local.ends_with(":2710"))
        found = found.value_or(0) + std::stoul(queues.substr(queues.find(':') + 1), nullptr, 16);
    }
  }
  return found;
}

}  // namespace

log_rig::log_rig(const lab::host& where, const lab::scratch& files, std::string folder)
    : host_(where), files_(files), folder_(std::move(folder)) {}

std::optional<std::string> log_rig::perform(const std::string& verb, const std::vector<std::string>& words,
                                            const std::string& source) {
  if (verb == "penlogd") return start(words);
  if (verb == "tell")
    return send(words.at(0), unfolded(source.substr(source.find(words.at(0)) + words.at(0).size() + 1)));
  if (verb == "hangup") {
    std::filesystem::rename(files_.path() / "merged", files_.path() / "merged.1");
    penlogd_.kill(SIGHUP);
    std::this_thread::sleep_for(300ms);
    return "";
  }
  if (verb == "end") return finish(SIGTERM);
  if (verb == "mergelogs") return run("mergelogs", words, "/dev/null");
  if (verb == "penlog") return run("penlog", {words.begin() + 1, words.end()}, words.at(0));
  return std::nullopt;
}

// Its log is $DIR/merged. It runs when somebody is at its port; who misunderstands ends at once.
std::string log_rig::start(std::vector<std::string> words) {
  words.insert(words.begin(), {folder_ + "penlogd", "-f", "-l", files_.path() / "merged"});
  penlogd_ = host_.run(words, {.output = files_.path() / "penlogd.out"});
  lab::eventually([this] { return !penlogd_.running() || unread(penlogd_.pid()); });
  const auto status = penlogd_.wait(500ms);
  return status ? "(ends)\n" + status_text(status) : "";
}

std::string log_rig::finish(int signal) {
  lab::eventually([this] { return !penlogd_.running() || unread(penlogd_.pid()).value_or(0) == 0; });
  penlogd_.kill(signal);
  const std::string status = status_text(penlogd_.wait(5s));
  return lab::read_file(files_.path() / "merged") + status;
}

std::string log_rig::send(const std::string& from, const std::string& text) {
  const endpoint own{.host = *address::parse(from), .port = 0, .path = {}};
  const address loopback = *address::parse(own.host.is_v4() ? "127.0.0.1" : "::1");
  const lab::socket_address local(own), remote(endpoint{.host = loopback, .port = port, .path = {}});
  const descriptor fd = host_.socket(local.family(), SOCK_DGRAM);
  if (::bind(fd.get(), local.get(), local.length) != 0) throw std::runtime_error(from + ": " + std::strerror(errno));
  ::sendto(fd.get(), text.data(), text.size(), 0, remote.get(), remote.length);
  std::this_thread::sleep_for(20ms);
  return "";
}

std::string log_rig::run(const std::string& program, const std::vector<std::string>& words, const std::string& input) {
  std::string line = "exec 2>/dev/null <" + input + "; TZ=UTC exec " + folder_ + program;
  for (const std::string& word : words) line += " '" + word + '\'';
  const std::filesystem::path output = files_.path() / "log.out";
  std::filesystem::remove(output);
  lab::process called = host_.run({"sh", "-c", line}, {.output = output});
  const std::string status = status_text(called.wait(10s));
  return called.output() + status;
}

}  // namespace holdfast::differential
