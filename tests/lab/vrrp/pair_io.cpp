#include "tests/lab/vrrp/pair.h"

namespace holdfast::lab {

pair::pair() {
  front_.plug(crowd_);
  for (const char* own : {"192.0.2.2/24", "10.0.0.2/16", "2001:db8::2/64", "fd00::2/64"}) crowd_.address("eth0", own);
  for (const int number : {1, 2}) nodes_.push_back(std::make_unique<node>(number, front_, sync_, files_));
  for (const int number : {0, 1, 2})
    servers_.push_back(std::make_unique<backend>("s" + std::to_string(number), front_, number, files_));
}

pair::~pair() {
  for (const auto& n : nodes_) n->kill_all();  // at once, or the second would take over from the first
}

std::vector<std::string> pair::holders(const std::string& address) const {
  std::vector<std::string> names;
  for (const auto& n : nodes_)
    if (n->machine().holds(address)) names.push_back(n->name());
  return names;
}

bool pair::settles_on(const std::string& name, const std::string& address, duration limit) const {
  return eventually([&] { return holders(address) == std::vector{name}; }, limit);
}

void pair::cut(node& whose) {
  front_.cut(whose.machine());
  sync_.cut(whose.machine());
}

void pair::heal(node& whose) {
  front_.heal(whose.machine());
  sync_.heal(whose.machine());
}

void pair::silence(node& whose) {
  for (ethernet* net : {&front_, &sync_}) net->drop({"iifname " + whose.name(), "oifname " + whose.name()});
}

void pair::unsilence() {
  for (ethernet* net : {&front_, &sync_}) net->drop({});
}

std::string pair::said() const {
  std::string text;
  for (const auto& n : nodes_) text += n->said();
  return text;
}

}  // namespace holdfast::lab
