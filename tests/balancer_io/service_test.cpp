#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "balancer/farm/service_io.h"
#include "balancer/names/name_book.h"
#include "balancer/sockets/listener_io.h"
#include "tests/balancer_io/peer.h"

namespace holdfast {

namespace {

// A service without workers.
class prepared {
 public:
  result<service::change, std::string> operator()(const service_settings& wanted) {
    return made_.prepare(wanted, {acls, names_, ours, 1, instant(1h)});
  }

  acl_table acls;
  own_listeners ours;
  name_book book;

 private:
  boost::asio::io_context io_;
  std::uint32_t next_listener_ = 1;
  resolver names_{book};
  worker_list nobody_;
  service made_{io_, 1, 1, next_listener_, nobody_, [] {}};
};

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

TEST(Service, DoesNotListenAtANameThatIsNotKnown) {
  prepared service;
  service_settings wanted;
  wanted.listeners = {{"late.example", "80", ""}};
  const auto refused = service(wanted);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().find("'late.example' is not known yet"), std::string::npos) << refused.error();
}

}  // namespace

}  // namespace holdfast
