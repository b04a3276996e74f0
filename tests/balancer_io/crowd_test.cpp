// A worker with many connections, all of which want something at once: it goes on answering.
#include <sys/resource.h>

#include "tests/balancer_io/rig.h"

namespace holdfast {

namespace {

constexpr std::size_t many = 3000;

// Clients of a server that accepts and says nothing; four descriptors each are in this process.
class crowd {
 public:
  explicit crowd(const std::function<void(service_settings&)>& wanted = {}) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    EXPECT_GE(files.rlim_cur, 4 * many + 200) << "descriptors for this test";
    listener_.reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const socket_address any(loopback());
    EXPECT_EQ(bind(listener_.get(), any.get(), any.length), 0);
    EXPECT_EQ(listen(listener_.get(), 4096), 0);
    lb_ = std::make_unique<rig>(std::vector{local_name(listener_.get())}, [&](service_settings& p) {
      p.conn_max = p.pending_max = p.pending_total = 2 * many;
      if (wanted) wanted(p);
    });
    lb_->start();
    while (clients_.size() < many) {
      clients_.push_back(lb_->client());
      servers_.emplace_back(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    EXPECT_TRUE(eventually([&] { return lb_->server(0).connects == many; }));
  }

  rig& lb() { return *lb_; }
  void cut() {
    for (descriptor& s : servers_) peer(std::move(s)).reset();
  }

 private:
  descriptor listener_;
  std::unique_ptr<rig> lb_;
  std::vector<peer> clients_;
  std::vector<descriptor> servers_;
};

TEST(Crowd, IsClosedInManyTurnsByOneOrder) {
  crowd c;
  c.lb().work().post(close_flows{.service = 1, .server = std::nullopt});
  const auto left = c.lb().connections();  // asked behind it, answered before it is done
  EXPECT_GT(left.size(), 0);
  EXPECT_LT(left.size(), many);
  EXPECT_TRUE(eventually([&] { return c.lb().at_rest(); }));
}

TEST(Crowd, IsEndedByOneTimer) {
  crowd c([](service_settings& p) { p.idle_timeout = 8s; });
  EXPECT_TRUE(eventually([&] { return c.lb().at_rest(); }));
}

TEST(Crowd, IsGoneWhenItsServerIsCut) {
  crowd c;
  c.cut();
  EXPECT_TRUE(eventually([&] { return c.lb().at_rest(); }));
}

TEST(Crowd, IsNotMeantByAnOrderThatCameBeforeIt) {
  crowd c;
  c.lb().work().post(close_flows{.service = 1, .server = 1});
  peer late = c.lb().client();
  EXPECT_TRUE(eventually([&] { return c.lb().live().connections == 1; }));
  EXPECT_EQ(c.lb().connections().at(0).client, late.name());
}

// A worker that is busy, or hangs, does not hold up who gives it orders.
TEST(Crowd, OfOrdersIsTakenWhileTheWorkerHangs) {
  backend a(says("a"));
  rig r({a.where()});
  std::promise<void> hung, go_on;
  r.work().post(close_flow{1, [&, wait = go_on.get_future().share()](bool) {
                             hung.set_value();
                             wait.wait();
                           }});
  hung.get_future().wait();
  std::size_t posted = 0;
  while (r.work().post(close_flow{1, {}})) ++posted;
  EXPECT_EQ(posted, 4096);
  std::atomic<int> done = 0;
  for (int i = 0; i < 5000; ++i) r.work().tell(close_flow{1, [&](bool) { ++done; }});
  EXPECT_EQ(done, 0);
  go_on.set_value();
  EXPECT_TRUE(eventually([&] { return done == 5000; }));
}

}  // namespace

}  // namespace holdfast
