// What the laboratory asks of rtnetlink, in one host. Throws std::runtime_error with libnl's words.
#pragma once

#include <memory>
#include <string>

struct nl_sock;
struct rtnl_link;

namespace holdfast::lab {

class netlink {
 public:
  netlink();  // speaks to the namespace of the calling thread

  void add_bridge(const std::string& name);
  // A pair of links: `port` here as a port of `bridge`, `peer` in the namespace `peer_ns`.
  void add_cable(const std::string& port, const std::string& bridge, const std::string& peer, int peer_ns);
  void set_up(const std::string& link, bool up);
  void add_address(const std::string& link, const std::string& with_length);
  void remove_address(const std::string& link, const std::string& with_length);
  bool has_address(const std::string& address);  // on a link that runs
  void add_route(const std::string& to, const std::string& gateway);
  void add_local_route(const std::string& prefix);

 private:
  struct closer {
    void operator()(nl_sock* s) const;
  };
  bool running(int index);
  int index_of(const std::string& link);
  std::unique_ptr<nl_sock, closer> socket_;
};

}  // namespace holdfast::lab
