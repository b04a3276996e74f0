#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "tests/lab/testbed.h"

namespace holdfast::lab {
namespace {

std::string nginx_configuration(const std::string& name, const std::string& directory) {
  const std::string own = directory + '/' + name;
  std::string text =
      "daemon off;\nmaster_process off;\n"
      "pid " +
      own + ".pid;\nerror_log " + own +
      ".err;\nevents { worker_connections 16384; }\n"
      "http {\n  access_log off;\n  keepalive_timeout 600s;\n  keepalive_requests 100000000;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    text += std::string("  ") + kind + "_temp_path " + own + "." + kind + ";\n";
  return text +
         "  server {\n    listen 80 backlog=4096;\n    listen [::]:80 backlog=4096;\n"
         "    listen 443;\n    listen [::]:443;\n    location / { return 200 \"" +
         name + "\"; }\n  }\n}\n";
}

std::string lines(const std::vector<std::unique_ptr<backend>>& servers, bool six, const std::string& more) {
  std::string text;
  for (std::size_t i = 0; i < servers.size(); ++i)
    text += "server " + std::to_string(i) + " address " + (six ? servers[i]->address6() : servers[i]->address4()) +
            " port 80 " + more + '\n';
  return text;
}

std::vector<address> consecutive(const address& first, int count) {
  std::vector<address> out;
  address::bytes_type bytes = first.bytes();
  for (int i = 0; i < count; ++i) {
    out.emplace_back(bytes);
    for (int k = 15; ++bytes[static_cast<std::size_t>(k)] == 0; --k) {
    }
  }
  return out;
}

}  // namespace

bool long_form() {
  const char* wish = std::getenv("HOLDFAST_LAB_LONG");
  return wish != nullptr && std::string_view(wish) == "1";
}

address at(std::string_view text) { return *address::parse(text); }
endpoint at(std::string_view text, std::uint16_t port) { return {.host = at(text), .port = port, .path = {}}; }

backend::backend(std::string name, ethernet& net, int number, const scratch& files)
    : machine_(std::move(name)),
      address4_("10.0.1." + std::to_string(11 + number)),
      address6_("fd00::1:" + std::to_string(11 + number)),
      configuration_(files.write(machine_.name() + ".conf", nginx_configuration(machine_.name(), files.path()))) {
  net.plug(machine_);
  machine_.address("eth0", address4_ + "/16");
  machine_.address("eth0", address6_ + "/64");
  start();
}

void backend::start() {
  nginx_ = machine_.run({"nginx", "-c", configuration_}, {.output = configuration_.string() + ".out"});
  if (!eventually([this] { return ask(machine_, address(), at("127.0.0.1", 80)) == name(); }))
    throw std::runtime_error("nginx does not start: " + nginx_.output());
}

void backend::kill() {
  nginx_.kill(9);
  nginx_.wait(5s);
}

testbed::testbed(int servers) {
  for (host* h : {&front_, &crowd_}) net_.plug(*h);
  front_.address("eth0", "10.0.0.1/16");
  front_.address("eth0", "fd00::1/64");
  crowd_.address("eth0", "10.0.0.2/16");
  crowd_.address("eth0", "fd00::2/64");
  for (const char* service : {"192.0.2.80/32", "2001:db8::80/128"}) front_.own(service);
  for (const char* range : {"10.9.0.0/16", "fd00:9::/64", "81.2.69.0/24", "216.160.83.0/24"}) crowd_.own(range);
  crowd_.route("192.0.2.0/24", "10.0.0.1");
  crowd_.route("2001:db8::/64", "fd00::1");
  for (const char* range : {"10.9.0.0/16", "81.2.69.0/24", "216.160.83.0/24"}) front_.route(range, "10.0.0.2");
  front_.route("fd00:9::/64", "fd00::2");
  for (int i = 0; i < servers; ++i)
    servers_.push_back(std::make_unique<backend>("s" + std::to_string(i), net_, i, files_));
}

std::vector<address> testbed::clients4(int count) { return consecutive(at("10.9.0.1"), count); }
std::vector<address> testbed::clients6(int count) { return consecutive(at("fd00:9::1"), count); }
std::string testbed::servers4(const std::string& more) const { return lines(servers_, false, more); }
std::string testbed::servers6(const std::string& more) const { return lines(servers_, true, more); }

balancer::balancer(testbed& bed, const std::string& configuration, const launch& options)
    : bed_(&bed),
      directory_(bed.files().path() / (options.name + ".run")),
      file_(bed.files().write(options.name + ".conf", configuration)) {
  std::filesystem::create_directories(directory_);
  std::vector<std::string> words = options.through;
  for (const std::string& own : {built("holdfast-balancer"), std::string("-f"), std::string("-F"), file_.string(),
                                 std::string("--run-dir"), directory_.string()})
    words.push_back(own);
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  program_ = bed.front().run(words, {.output = bed.files().path() / (options.name + ".out"), .files = options.files});
  const bool up = eventually([this] { return !program_.running() || ctl({"pid"}).status == 0; }, 10s);
  if (!up || !program_.running()) throw std::runtime_error("the balancer does not start: " + program_.output());
}

void balancer::rewrite(const std::string& configuration) const {
  bed_->files().write(file_.filename().string(), configuration);
}

balancer::answer balancer::ctl(const std::vector<std::string>& words, unsigned user) {
  std::vector<std::string> all{built("hfctl"), "--run-dir", directory_};
  all.insert(all.end(), words.begin(), words.end());
  const std::filesystem::path output = bed_->files().path() / "hfctl.out";
  std::filesystem::remove(output);
  process caller = bed_->front().run(all, {.output = output, .user = user});
  const auto status = caller.wait(15s);
  return {status.value_or(-1), caller.output()};
}

std::string balancer::tell(const std::string& command) {
  std::vector<std::string> words;
  for (std::size_t from = 0; from < command.size();) {
    const std::size_t end = std::min(command.find(' ', from), command.size());
    words.push_back(command.substr(from, end - from));
    from = end + 1;
  }
  const answer said = ctl(words);
  if (said.status != 0) throw std::runtime_error("hfctl " + command + ": " + said.text);
  return said.text;
}

}  // namespace holdfast::lab
