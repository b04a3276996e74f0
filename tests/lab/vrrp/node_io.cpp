#include <unistd.h>

#include <fstream>

#include "tests/lab/vrrp/node.h"
#include "tests/places.h"

namespace holdfast::lab {
namespace {

namespace fs = std::filesystem;

std::string hex_byte(int value) {
  constexpr const char* digits = "0123456789abcdef";
  return {digits[value / 16 % 16], digits[value % 16]};
}

}  // namespace

node::node(int number, ethernet& front, ethernet& sync, const scratch& files)
    : number_(number), machine_("lb" + std::to_string(number)), directory_(files.path() / machine_.name()) {
  fs::create_directories(directory_);
  front.plug(machine_);
  sync.plug(machine_, "sync0");
  const std::string last = std::to_string(10 + number);
  machine_.address("eth0", "192.0.2." + last + "/24");  // the first is the primary: adverts come from it
  machine_.address("eth0", "10.0.0." + last + "/16");
  machine_.address("eth0", "2001:db8::" + last + "/64");
  machine_.address("eth0", "fd00::" + last + "/64");
  machine_.address("sync0", "10.0.9." + last + "/24");
}

fs::path node::write(const std::string& name, const std::string& text) const {
  const fs::path file = directory_ / name, made = directory_ / (name + ".new");
  std::ofstream(made) << text;
  fs::rename(made, file);  // a program that has just been started may be reading it
  return file;
}

program node::start(const std::vector<std::string>& words, const std::string& log) {
  process made = machine_.run(words, {.output = directory_ / log});
  if (made.wait(30ms)) throw std::runtime_error(words.at(0) + " does not start: " + made.output());
  return program(std::move(made));
}

program node::start_own(std::vector<std::string> words, const std::string& log) {
  words.insert(words.begin(), through_.begin(), through_.end());
  return start(words, log);
}

void node::rewrite_ours(const std::string& configuration) const { write("holdfast.conf", configuration); }

void node::start_our_balancer(const std::string& configuration) {
  rewrite_ours(configuration);
  const fs::path file = directory_ / "holdfast.conf";
  std::vector<std::string> words{
      built("holdfast-balancer"), "-f", "-F", file, "--node", name(), "--run-dir", directory_};
  if (!state_directory_.empty()) words.insert(words.end(), {"--state-dir", state_directory_});
  balancer_ = start_own(std::move(words), "balancer.log");
  if (!eventually([&] { return fs::exists(directory_ / "balancer.sock") || !balancer_.running(); }))
    throw std::runtime_error("holdfast-balancer has no socket: " + balancer_.output());
}

void node::start_our_agent(const std::string& configuration) {
  rewrite_ours(configuration);
  const fs::path file = directory_ / "holdfast.conf";
  agent_ = start_own({built("holdfast-vrrp"), "-F", file, "--node", name(), "--run-dir", directory_}, "agent.log");
}

void node::start_ours(const std::string& configuration) {
  start_our_balancer(configuration);
  start_our_agent(configuration);
}

void node::start_keepalived(const std::string& configuration) {
  const fs::path file = write("keepalived.conf", configuration);
  std::vector<std::string> words{"env"};
  words.push_back("LD_PRELOAD=" + own_build() + "/tests/lab/vrrp/libfirst_namespace.so");
  words.push_back("FIRST_NAMESPACE=/proc/" + std::to_string(::getpid()) + "/ns/net");
  for (const char* word : {"keepalived", "--dont-fork", "--vrrp", "--log-console", "--no-syslog"})
    words.push_back(word);
  words.insert(words.end(),
               {"-f", file, "-p", directory_ / "keepalived.pid", "-r", directory_ / "keepalived-vrrp.pid"});
  agent_ = start(words, "agent.log");
}

void node::start_haproxy(const std::string& configuration) {
  machine_.sysctl("net/ipv4/ip_nonlocal_bind", "1");  // it binds addresses that it does not have yet
  machine_.sysctl("net/ipv6/ip_nonlocal_bind", "1");
  const fs::path file = write("haproxy.conf", configuration);
  const fs::path own_name = directory_ / ("haproxy-" + name());  // both nodes share the machine's list of processes
  if (!fs::exists(own_name)) fs::create_symlink("/usr/sbin/haproxy", own_name);
  balancer_ = start({own_name, "-db", "-L", name(), "-f", file}, "balancer.log");
}

void node::start_frr(const std::string& configuration, int vrid) {
  const fs::path own = directory_ / "frr";
  fs::create_directories(own);
  for (const auto& [family, link] : {std::pair("1", "vrrp4"), std::pair("2", "vrrp6")}) {
    const std::string mac = std::string("00:00:5e:00:0") + family + ':' + hex_byte(vrid);
    machine_.must({"ip", "link", "add", link, "link", "eth0", "address", mac, "type", "macvlan", "mode", "bridge"});
  }
  machine_.must({"ip", "addr", "add", "192.0.2.80/32", "dev", "vrrp4"});
  machine_.must({"ip", "addr", "add", "2001:db8::80/64", "dev", "vrrp6", "nodad"});
  for (const char* link : {"vrrp4", "vrrp6"}) machine_.up(link);
  std::ofstream(own / "zebra.conf") << "hostname " << name() << '\n';
  std::ofstream(own / "vrrpd.conf") << configuration;
  machine_.must({"chown", "-R", "frr:frr", own});
  const auto words = [&](const std::string& which) {
    const std::string daemon = "/usr/lib/frr/" + which;
    return std::vector<std::string>{daemon,
                                    "-f",
                                    own / (which + ".conf"),
                                    "-i",
                                    own / (which + ".pid"),
                                    "-z",
                                    own / "zserv.api",
                                    "--vty_socket",
                                    own,
                                    "--log",
                                    "stdout",
                                    "-P",
                                    "0"};
  };
  zebra_ = start(words("zebra"), "zebra.log");
  if (!eventually([&] { return fs::exists(own / "zserv.api"); }))
    throw std::runtime_error("zebra has no socket: " + zebra_.output());
  agent_ = start(words("vrrpd"), "agent.log");
}

void node::kill_all() {
  freeze_all();  // at one moment
  for (program* p : {&agent_, &balancer_, &zebra_}) p->kill();
}

void node::freeze_all() {
  for (program* p : {&agent_, &balancer_, &zebra_}) p->freeze();
}

void node::thaw_all() {
  for (program* p : {&agent_, &balancer_, &zebra_}) p->thaw();
}

std::string node::said() const {
  std::string text;
  for (const char* log : {"agent.log", "balancer.log", "zebra.log"})
    if (const std::string said = read_file(directory_ / log); !said.empty())
      text += "--- " + name() + "'s " + log + ":\n" + said;
  return text;
}

}  // namespace holdfast::lab
