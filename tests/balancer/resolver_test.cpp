#include "balancer/names/resolver.h"

#include <gtest/gtest.h>

#include "balancer/names/name_book.h"

namespace holdfast {
namespace {

const address one = *address::parse("192.0.2.1");
const address two = *address::parse("192.0.2.2");

TEST(Resolver, NeedsNoNamesForAddressesPathsAndNothing) {
  const resolver r;
  EXPECT_EQ(*r.find({"192.0.2.1", "80", ""}), (endpoint{.host = one, .port = 80, .path = {}}));
  EXPECT_EQ(*r.find({"", "", "/run/x"}), (endpoint{.host = {}, .port = 0, .path = "/run/x"}));
  EXPECT_EQ(*r.find({"", "80", ""}), (endpoint{.host = address::v4(0), .port = 80, .path = {}}));
}

TEST(Resolver, GivesAllAddressesOfAName) {
  name_book book;
  book.on(name_book::wanted{{"web"}, 30s}, instant(1h));
  const resolver r(book);
  EXPECT_TRUE(r.find_all({"web", "80", ""})->empty());
  EXPECT_NE(r.find({"web", "80", ""}).error().find("'web' is not known yet"), std::string::npos);
  book.on(name_book::found{"web", {two, one}}, instant(1h));
  EXPECT_EQ(*r.find_all({"web", "80", ""}), (std::vector<endpoint>{{one, 80, ""}, {two, 80, ""}}));
  EXPECT_EQ(*r.find({"web", "80", ""}), (endpoint{.host = one, .port = 80, .path = {}}));
}

TEST(Resolver, AsksForPortsWithAName) {
  const resolver r([](const std::string& name) { return std::optional<std::uint16_t>(name == "web" ? 80 : 443); });
  EXPECT_EQ(r.find({"192.0.2.1", "web", ""})->port, 80);
  EXPECT_EQ(r.find({"192.0.2.1", "8080", ""})->port, 8080) << "a number needs no name";
}

TEST(Resolver, RefusesAPortThatIsNone) {
  EXPECT_EQ(resolver().find_all({"192.0.2.1", "no-such-port", ""}).error(),
            "expected a port number or service name, not 'no-such-port'");
}

}  // namespace
}  // namespace holdfast
