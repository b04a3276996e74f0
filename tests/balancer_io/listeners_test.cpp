#include <filesystem>

#include "balancer/farm/listeners_io.h"
#include "tests/balancer_io/peer.h"
#include "tests/cli_io/served.h"

namespace holdfast {
namespace {

// A service at a path, on one worker.
class at_a_path {
 public:
  at_a_path() {
    wanted_.listeners = {{.host = {}, .port = {}, .path = path}};
    workers_.push_back(std::make_unique<worker>(0, [](worker_report&) { return true; }, files_));
    renew(wanted_);
  }
  ~at_a_path() { workers_.clear(); }

  void renew(const service_settings& wanted) {
    auto opened = doors_.open_new(wanted, {names_, ours_, 1, instant(1h)});
    ASSERT_TRUE(opened) << opened.error();
    doors_.renew(std::move(*opened), wanted, workers_);
  }
  void look_after() { doors_.look_after(wanted_, workers_); }
  bool listens() const { return talker(path).connected(); }

 private:
  folder folder_;

 public:
  const std::string path = folder_.file("web.sock");

 private:
  resolver names_;
  own_listeners ours_;
  descriptor_budget files_{1000};
  worker_list workers_;
  std::uint32_t next_ = 1;
  service_settings wanted_;
  listeners doors_{1, next_};
};

TEST(Listeners, AreOpenedAgainWhenTheirFileHasGone) {
  at_a_path service;
  EXPECT_TRUE(service.listens());
  std::filesystem::remove(service.path);
  EXPECT_FALSE(service.listens());
  service.look_after();
  EXPECT_TRUE(service.listens());
}

TEST(Listeners, TakeTheirFileAlong) {
  at_a_path service;
  EXPECT_TRUE(std::filesystem::exists(service.path));
  service.renew({});
  EXPECT_FALSE(std::filesystem::exists(service.path));
}

}  // namespace
}  // namespace holdfast
