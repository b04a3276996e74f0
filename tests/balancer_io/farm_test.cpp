#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "balancer/farm/farm_io.h"

namespace holdfast {
namespace {

// A farm without workers: it has services, and nobody is let in.
struct made_farm {
  result<void, std::string> change(const settings& wanted) {
    return all.change(wanted, occasion::command, [] { return result<void, std::string>(); });
  }
  boost::asio::io_context io;
  int changes = 0;
  farm all{io, 0, [this] { ++changes; }};
};

settings with_services(std::initializer_list<const char*> names) {
  settings s;
  for (const char* name : names) {
    s.services[name] = fresh_service(name);
    s.services[name].servers = {{.name = "a", .where = {"127.0.0.1", "80", ""}}};
  }
  return s;
}

TEST(Farm, HasTheServicesThatAreWanted) {
  made_farm f;
  ASSERT_TRUE(f.change(with_services({"web", "mail"})));
  ASSERT_NE(f.all.find("web"), nullptr);
  EXPECT_EQ(f.all.find("web")->current().servers.size(), 1U);
  EXPECT_GT(f.changes, 0);
  ASSERT_TRUE(f.change(with_services({"web"})));
  EXPECT_EQ(f.all.find("mail"), nullptr);
  EXPECT_EQ(f.all.current(), with_services({"web"}));
}

TEST(Farm, TakesAServiceBackThatHasJustGone) {
  made_farm f;
  ASSERT_TRUE(f.change(with_services({"web", "mail"})));
  const std::uint32_t number = f.all.find("mail")->current().service;
  ASSERT_TRUE(f.change(with_services({"web"})));
  ASSERT_TRUE(f.change(with_services({"web", "mail"})));
  EXPECT_EQ(f.all.find("mail")->current().service, number);
}

TEST(Farm, ChangesNothingWhenSomethingIsWrong) {
  made_farm f;
  ASSERT_TRUE(f.change(with_services({"web"})));
  settings wrong = with_services({"web", "mail"});
  wrong.services["mail"].servers[0].where.port = "no-such-port";
  EXPECT_FALSE(f.change(wrong));
  EXPECT_FALSE(f.all.rehearse(wrong).empty());
  EXPECT_EQ(f.all.find("mail"), nullptr);
  EXPECT_EQ(f.all.current(), with_services({"web"}));
}

TEST(Farm, ChangesNothingWhenTheLastStepRefuses) {
  made_farm f;
  const auto done = f.all.change(with_services({"web"}), occasion::command,
                                 [] { return result<void, std::string>(std::string("not today")); });
  EXPECT_EQ(done.error(), "not today");
  EXPECT_TRUE(f.all.services().empty());
}

}  // namespace
}  // namespace holdfast
