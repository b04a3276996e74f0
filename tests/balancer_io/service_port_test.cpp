#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "balancer/names/service_port_io.h"

namespace holdfast {
namespace {

// Whatever this machine has in its file: a small one may have none.
TEST(ServicePort, IsThatOfTheSystemsFile) {
  std::ifstream file("/etc/services");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    unsigned port = 0;
    std::string protocol;
    if (!(words >> name >> port >> protocol) || protocol != "/tcp") continue;
    EXPECT_EQ(service_port(name), port) << name;
    return;
  }
  EXPECT_EQ(service_port("http"), std::nullopt) << "there is no file, or nothing in it";
}

TEST(ServicePort, IsNoneForANameThatNobodyHas) {
  EXPECT_EQ(service_port("no-such-port"), std::nullopt);
  EXPECT_EQ(resolver(service_port).find_all({"192.0.2.1", "no-such-port", ""}).error(),
            "expected a port number or service name, not 'no-such-port'");
}

}  // namespace
}  // namespace holdfast
