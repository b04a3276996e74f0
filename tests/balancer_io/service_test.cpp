#include <gtest/gtest.h>

#include "balancer/loop/listener_io.h"
#include "balancer/service_io.h"
#include "tests/balancer_io/peer.h"

namespace holdfast {

namespace {

// A service that is prepared, and never committed.
class prepared {
 public:
  result<service::change, std::string> operator()(const service_settings& wanted) {
    return made_.prepare(wanted, {acls, names_, ours, 1, instant(1h)});
  }

  acl_table acls;
  claims ours;

 private:
  boost::asio::io_context io_;
  std::uint32_t next_listener_ = 1;
  resolver names_;
  service made_{io_, 1, 1, next_listener_, [] {}};
};

TEST(Service, CompilesAnAclOnceForAllItsServers) {
  prepared service;
  service.acls = acl_table({{"0", {{true, *prefix::parse("10.0.0.0/8")}}}}, {}, {});
  service_settings wanted;
  for (int i = 0; i < 200; ++i) {
    wanted.servers.push_back({.name = std::to_string(i), .where = {"127.0.0.1", std::to_string(8000 + i), ""}});
  }
  const auto change = service(wanted);
  ASSERT_TRUE(change) << change.error();
  for (const server& s : change->next->servers) EXPECT_EQ(s.permits, service.acls.find("0"));
  EXPECT_EQ(change->next->client_acl, service.acls.find("0"));
}

service_settings listening_at(const endpoint& where) {
  service_settings wanted;
  wanted.listeners.push_back({where.host.text(), std::to_string(where.port), ""});
  return wanted;
}

TEST(Service, DoesNotShareItsPortWithAnotherProgram) {
  const auto theirs = open_listening_socket(loopback(), 10);
  ASSERT_TRUE(theirs);
  const endpoint where = local_name(theirs->get());
  prepared service;
  const auto refused = service(listening_at(where));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), "listen " + where.text() + ": another program uses that port already");
  service.ours.add(where);  // it was this process's own all the time
  EXPECT_TRUE(service(listening_at(where)));
}

TEST(Service, MayListenOnAnAddressAndOnAnyAtOnce) {
  endpoint where;
  {
    const auto first = open_listening_socket(loopback(), 10);
    ASSERT_TRUE(first);
    where = local_name(first->get());
  }
  service_settings wanted = listening_at(where);
  wanted.listeners.push_back({"", std::to_string(where.port), ""});
  prepared service;
  const auto change = service(wanted);
  ASSERT_TRUE(change) << change.error();
  EXPECT_EQ(change->opened.size(), 2U);
}

}  // namespace

}  // namespace holdfast
