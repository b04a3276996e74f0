#include "tests/lab/vrrp/pair_config.h"

#include <cstdio>

namespace holdfast::lab {
namespace {

constexpr const char* link_local = "fe80::5e:80";

std::string last_of(int number) { return std::to_string(10 + number); }
std::string peer4(int number) { return "192.0.2." + last_of(3 - number); }
std::string peer6(int number) { return "2001:db8::" + last_of(3 - number); }

long milliseconds(duration d) { return static_cast<long>(d / 1ms); }

std::string seconds(duration d) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", static_cast<double>(milliseconds(d)) / 1000);
  return text.data();
}

std::string keepalived_instance(const pair_config& w, int number, bool six) {
  const std::string own = six ? "2001:db8::" + last_of(number) : "192.0.2." + last_of(number);
  std::string text = std::string("vrrp_instance ") + (six ? "six" : "four") +
                     " {\n  state BACKUP\n  interface eth0\n  virtual_router_id " + std::to_string(w.vrid) +
                     "\n  priority " + std::to_string(w.priority.at(static_cast<std::size_t>(number - 1))) +
                     "\n  advert_int " + seconds(w.interval) + "\n  version " + std::to_string(w.version) + '\n';
  if (six) text += "  native_ipv6\n";
  if (!w.preempt) text += "  nopreempt\n";
  if (w.unicast)
    text += "  unicast_src_ip " + own + "\n  unicast_peer {\n    " + (six ? peer6(number) : peer4(number)) + "\n  }\n";
  if (!w.watched.empty()) text += "  track_process {\n    watched\n  }\n";
  text += "  virtual_ipaddress {\n";
  if (six && w.link_local) text += std::string("    ") + link_local + "/64\n";
  return text + (six ? "    2001:db8::80/64\n" : "    192.0.2.80/24\n") + "  }\n}\n";
}

}  // namespace

std::string name_of(player who) {
  switch (who) {
    case player::ours: return "holdfast";
    case player::keepalived: return "keepalived";
    case player::frr: return "frr";
  }
  return "?";
}

duration pair_config::skew(int number) const {
  return (256 - priority.at(static_cast<std::size_t>(number - 1))) * (version == 2 ? duration(1s) : interval) / 256;
}

std::string our_text(const pair_config& w) {
  std::string text = w.services +
                     "node lb1 address 10.0.9.11:7700\nnode lb2 address 10.0.9.12:7700\nvrrp front interface eth0\n"
                     "vrrp front id " +
                     std::to_string(w.vrid) + '\n';
  if (!w.key.empty()) text += "cluster key " + w.key.string() + '\n';
  if (w.four) text += "vrrp front address 192.0.2.80/24\n";
  if (w.six && w.link_local) text += std::string("vrrp front address ") + link_local + "/64\n";
  if (w.six) text += "vrrp front address 2001:db8::80/64\n";
  if (!w.automatic) text += "vrrp front interval " + std::to_string(milliseconds(w.interval)) + "ms\n";
  text += "vrrp front version " + std::to_string(w.version) + '\n';
  if (!w.preempt) text += "no vrrp front preempt\n";
  for (const int number : {1, 2}) {
    const std::string on = "on lb" + std::to_string(number) + " vrrp front ";
    text += on + "priority " + std::to_string(w.priority.at(static_cast<std::size_t>(number - 1))) + '\n';
    if (w.unicast && w.four) text += on + "peer " + peer4(number) + '\n';
    if (w.unicast && w.six) text += on + "peer " + peer6(number) + '\n';
  }
  return text + w.more;
}

std::string keepalived_text(const pair_config& w, int number) {
  std::string text = "global_defs {\n  router_id lb" + std::to_string(number) + "\n  vrrp_version " +
                     std::to_string(w.version) + "\n}\n";
  if (!w.watched.empty()) text += "vrrp_track_process watched {\n  process " + w.watched + "\n}\n";
  if (w.four && w.six) text += "vrrp_sync_group both {\n  group {\n    four\n    six\n  }\n}\n";
  if (w.four) text += keepalived_instance(w, number, false);
  if (w.six) text += keepalived_instance(w, number, true);
  return text;
}

std::string frr_text(const pair_config& w, int number) {
  const std::string router = " vrrp " + std::to_string(w.vrid);
  std::string text = "interface eth0\n" + router + " version " + std::to_string(w.version) + '\n' + router +
                     " priority " + std::to_string(w.priority.at(static_cast<std::size_t>(number - 1))) + '\n' +
                     router + " advertisement-interval " + std::to_string(milliseconds(w.interval)) + '\n';
  if (!w.preempt) text += " no" + router + " preempt\n";
  if (w.four) text += router + " ip 192.0.2.80\n";
  if (w.six && w.link_local) text += router + " ipv6 " + link_local + '\n';
  if (w.six) text += router + " ipv6 2001:db8::80\n";
  return text;
}

std::string our_services() {
  return "service web\nlisten 192.0.2.80:80\nlisten [2001:db8::80]:80\ncheck http / every 300ms rise 2 fall 2\n"
         "server 0 address 10.0.1.11 port 80\nserver 1 address 10.0.1.12 port 80\n"
         "server 2 address 10.0.1.13 port 80\n";
}

std::string haproxy_text() {
  return "peers nodes\n  peer lb1 10.0.9.11:10000\n  peer lb2 10.0.9.12:10000\n"
         "defaults\n  mode tcp\n  timeout connect 500ms\n  timeout client 10s\n  timeout server 10s\n"
         "frontend web\n  bind 192.0.2.80:80\n  bind [2001:db8::80]:80\n  default_backend servers\n"
         "backend servers\n  balance roundrobin\n  stick-table type ipv6 size 100k expire 10m peers nodes\n"
         "  stick on src\n  server s0 10.0.1.11:80 check inter 500ms\n  server s1 10.0.1.12:80 check inter 500ms\n"
         "  server s2 10.0.1.13:80 check inter 500ms\n";
}

}  // namespace holdfast::lab
