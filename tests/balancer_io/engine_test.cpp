// What a worker relies on, of every engine.
#include "balancer/dummy/dummy_io.h"
#include "balancer/engine/engine_io.h"
#include "balancer/relay/flow_io.h"
#include "tests/balancer/made_pool.h"
#include "tests/balancer_io/connected.h"

namespace holdfast {

namespace {

// An engine and what a worker lends it; services 1 and 2 are its.
template <engine E>
struct lent {
  descriptor_budget files{1 << 16};
  worker_context context{0, coarse_now(), steady_ms(), [](worker_report&) { return true; }, files};
  access_lines lines{context};
  descriptor listening{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};  // of a server that says nothing
  E served = made();

  lent() {
    const socket_address any(loopback());
    EXPECT_EQ(bind(listening.get(), any.get(), any.length), 0);
    EXPECT_EQ(listen(listening.get(), 64), 0);
    for (const std::uint32_t service : {1, 2}) {
      pool p = made_pool(1);
      p.service = service;
      p.policy.dummy = E::kind == watched::dummy;
      p.servers[0].where = local_name(listening.get());
      context.known.adopt(std::make_shared<const pool>(std::move(p)));
    }
  }

  E made() {
    if constexpr (std::is_constructible_v<E, worker_context&>) {
      return E(context);
    } else {
      return E(context, lines, 1);
    }
  }

  pool_use& use(std::uint32_t service) { return *context.known.newest(service); }
  std::uint32_t connections(std::uint32_t service) { return use(service).what->live->connections; }

  peer client(std::uint32_t service) {
    connected made;
    use(service).what->live->connections.fetch_add(1);
    files.hold(files_of_client);
    served.admit(std::move(made.ours), made.theirs.name(), made.theirs.other(), use(service));
    return std::move(made.theirs);
  }

  void turn(int milliseconds = 0) {
    for (const epoll_event& e : context.sockets.wait(milliseconds)) served.ready(poller::read(e));
    served.turn();
    served.reap();
  }
};

template <class E>
class Engine : public testing::Test {
 protected:
  lent<E> lent_;
};

using engines = testing::Types<flow_driver, dummy_site>;
TYPED_TEST_SUITE(Engine, engines);

TYPED_TEST(Engine, IsTheOnlyOneForItsServices) {
  const service_settings& policy = this->lent_.use(1).what->policy;
  EXPECT_TRUE(TypeParam::serves(policy));
  EXPECT_EQ(int{flow_driver::serves(policy)} + int{dummy_site::serves(policy)}, 1);
}

TYPED_TEST(Engine, ClosesInStepsAndFreesAtTheEnd) {
  auto& l = this->lent_;
  std::vector<peer> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(l.client(1));
  l.turn();
  EXPECT_FALSE(l.served.closes());
  l.served.close_all();
  EXPECT_TRUE(l.served.closes());
  EXPECT_EQ(l.connections(1), 5) << "only begun";
  EXPECT_EQ(l.served.due(), l.context.now) << "there is more to do";
  while (l.served.closes()) l.served.close_some();
  EXPECT_EQ(l.connections(1), 0);
  EXPECT_EQ(l.use(1).flows, 5) << "events of this turn may still name them";
  l.served.reap();
  EXPECT_EQ(l.use(1).flows, 0);
  for (peer& c : clients) EXPECT_EQ(c.hear_all(), "");
}

TYPED_TEST(Engine, ClosesOneServiceAlone) {
  auto& l = this->lent_;
  const peer one = l.client(1), other = l.client(2);
  l.served.close_service(1);
  while (l.served.closes()) l.turn();
  EXPECT_EQ(l.connections(1), 0);
  EXPECT_EQ(l.connections(2), 1);
}

TYPED_TEST(Engine, HearsNothingOfWhoHasEnded) {
  auto& l = this->lent_;
  const peer client = l.client(1);
  const auto events = l.context.sockets.wait(1000);
  ASSERT_FALSE(events.empty());
  const readiness of_it = poller::read(events[0]);
  l.served.close_all();
  while (l.served.closes()) l.served.close_some();
  l.served.ready(of_it);
  l.served.reap();
  l.served.ready(of_it);
  EXPECT_EQ(l.context.connections(), 0);
}

TYPED_TEST(Engine, EndsWithItsClient) {
  auto& l = this->lent_;
  peer client = l.client(1);
  client.reset();
  EXPECT_TRUE(eventually([&] {
    l.turn(10);
    return l.connections(1) == 0;
  }));
  EXPECT_EQ(l.use(1).flows, 0);
}

}  // namespace

}  // namespace holdfast
