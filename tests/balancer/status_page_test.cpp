#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "balancer/show/answers.h"
#include "tests/balancer/made_pool.h"

namespace holdfast {
namespace {

using testing::HasSubstr;
using testing::Not;

const process_facts process{.pid = 7, .uptime = 90s, .node = {}, .workers = 2};

TEST(StatusPage, EscapesWhatComesFromOutside) {
  pool p = made_pool(1);
  p.policy.name = "<script>\"&";
  const pool* pools[] = {&p};
  const std::string page = status_page(pools, process, at(0s), wall_at(0s));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;&quot;&amp;"));
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, HasSubstr("10.0.1.1:80"));
}

TEST(StatusPage, IsOneDocumentWithAllServices) {
  pool web = made_pool(1, service_called("web")), mail = made_pool(1, service_called("mail"));
  const pool* pools[] = {&web, &mail};
  const std::string page = status_page(pools, process, at(0s), wall_at(0s));
  EXPECT_THAT(page, HasSubstr("web"));
  EXPECT_THAT(page, HasSubstr("mail"));
  EXPECT_THAT(page, HasSubstr("</html>"));
}

}  // namespace
}  // namespace holdfast
