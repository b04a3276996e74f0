#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "balancer/farm/farm_io.h"
#include "balancer/names/name_book.h"

namespace holdfast {
namespace {

settings asking_for(const std::string& host) {
  settings s;
  s.services["web"] = fresh_service("web");
  s.services["web"].servers = {{.name = "a", .where = {host, "80", ""}}};
  return s;
}

TEST(FarmNames, WaitForAnswers) {
  boost::asio::io_context io;
  farm f(io, 0, [] {});
  f.await_names(asking_for("localhost"), std::chrono::seconds(10));
  EXPECT_FALSE(f.names().addresses("localhost").empty());
}

TEST(FarmNames, LetAServerWaitForItsAddress) {
  boost::asio::io_context io;
  farm f(io, 0, [] {});
  const auto done =
      f.change(asking_for("nowhere.invalid"), occasion::command, [] { return result<void, std::string>(); });
  ASSERT_TRUE(done) << done.error();
  EXPECT_FALSE(f.find("web")->current().servers[0].usable);
}

}  // namespace
}  // namespace holdfast
