#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>
#include <thread>

#include "tests/lab/lab.h"
#include "tests/lab/netlink_io.h"
#include "tests/lab/visit_io.h"

namespace holdfast::lab {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

descriptor new_namespace() {
  descriptor made;
  int error = 0;
  std::thread([&] {
    if (::unshare(CLONE_NEWNET) < 0)
      error = errno;
    else
      made = own_namespace();
  }).join();
  if (error != 0) throw std::system_error(error, std::generic_category(), "new network namespace");
  return made;
}

// nftables' text for a table of ours with one chain a hook, instead of the one that was.
std::string table_of(const std::string& family, const std::vector<std::string>& hooks,
                     const std::vector<std::string>& matches) {
  const std::string name = family + " lab";
  std::string text = "add table " + name + "\ndelete table " + name + "\ntable " + name + " {\n";
  for (const std::string& hook : hooks) {
    text += "chain " + hook + " {\ntype filter hook " + hook + " priority 0\n";
    for (const std::string& match : matches) text += match + " drop\n";
    text += "}\n";
  }
  return text + "}\n";
}

}  // namespace

void require_root() {
  if (::geteuid() != 0) throw std::runtime_error("the laboratory makes network namespaces: run it as root");
}

host::host(std::string name) : name_(std::move(name)) {
  require_root();
  ns_ = new_namespace();
  {
    const visit here(ns());
    netlink_ = std::make_unique<netlink>();
  }
  netlink_->set_up("lo", true);
  sysctl("net/ipv6/conf/default/accept_dad", "0");  // link-local addresses, too, are usable at once
}

host::~host() = default;

void host::address(const std::string& link, const std::string& with_length) {
  netlink_->add_address(link, with_length);
}
void host::route(const std::string& to, const std::string& gateway) { netlink_->add_route(to, gateway); }
void host::own(const std::string& prefix) { netlink_->add_local_route(prefix); }
void host::up(const std::string& link) { netlink_->set_up(link, true); }
void host::down(const std::string& link) { netlink_->set_up(link, false); }
void host::remove(const std::string& link, const std::string& with_length) {
  netlink_->remove_address(link, with_length);
}
bool host::holds(const std::string& address) const { return netlink_->has_address(address); }

void host::drop(const std::vector<std::string>& matches) {
  must({"nft", table_of("inet", {"input", "output"}, matches)});
}

void host::sysctl(const std::string& name, const std::string& value) {
  const visit here(ns());
  std::ofstream file("/proc/sys/" + name);
  file << value << std::flush;
  if (!file) throw std::runtime_error("sysctl " + name + " refuses " + value);
}

descriptor host::socket(int domain, int type, int protocol) const {
  const visit here(ns());
  descriptor fd(::socket(domain, type | SOCK_CLOEXEC, protocol));
  if (!fd) fail("socket in host " + name_);
  return fd;
}

process host::run(const std::vector<std::string>& words, const process::how& options) const {
  return process(ns(), words, options);
}

void host::enter() const {
  if (::setns(ns(), CLONE_NEWNET) < 0) fail("enter host " + name_);
}

std::string host::must(const std::vector<std::string>& words) const {
  const scratch place;
  process program = run(words, {.output = place.path() / "output"});
  const auto status = program.wait(20s);
  if (status != 0) throw std::runtime_error(words.at(0) + " in host " + name_ + ": " + program.output());
  return program.output();
}

ethernet::ethernet() {
  inside_.netlink_->add_bridge("bridge");
  inside_.up("bridge");
}

void ethernet::plug(host& to, const std::string& name) {
  inside_.netlink_->add_cable(to.name(), "bridge", name, to.ns());
  to.up(name);
}

void ethernet::cut(const host& whose) { inside_.netlink_->set_up(whose.name(), false); }
void ethernet::heal(const host& whose) { inside_.netlink_->set_up(whose.name(), true); }
void ethernet::drop(const std::vector<std::string>& matches) {
  inside_.must({"nft", table_of("bridge", {"forward"}, matches)});
}

}  // namespace holdfast::lab
