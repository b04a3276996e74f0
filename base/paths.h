// Where the programs of a node meet.
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

// The daemons keep their sockets and state there unless --run-dir says otherwise.
inline constexpr std::string_view default_run_dir = "/run/holdfast";
inline constexpr std::string_view control_socket_name = "balancer.sock";
inline constexpr std::string_view agent_socket_name = "vrrp.sock";

// Members may use the sockets that the programs make.
inline constexpr const char* control_group = "holdfast";

// Where the daemons are: paths, or "host:port". agent "" = everything is said to the one socket, whosever it is.
struct sockets {
  std::string balancer;
  std::string agent;
};

}  // namespace holdfast
