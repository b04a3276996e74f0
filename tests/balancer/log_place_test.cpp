#include "balancer/logs/log_place.h"

#include <gtest/gtest.h>

#include "balancer/names/name_book.h"

namespace holdfast {
namespace {

using namespace std::chrono_literals;

TEST(LogPlace, IsAsSaidWhereThereIsNoName) {
  const place file{"", "", "/var/log/x"};
  EXPECT_EQ(log_place(std::nullopt, resolver()), std::nullopt);
  EXPECT_EQ(log_place(file, resolver()), file);
  EXPECT_EQ(log_place(place{"192.0.2.1", "514", ""}, resolver()), (place{"192.0.2.1", "514", ""}));
}

TEST(LogPlace, WaitsForTheNameOfItsHost) {
  const place said{"logs.example", "514", ""};
  name_book book;
  book.on(name_book::wanted{{"logs.example"}, 30s}, instant(1h));
  EXPECT_EQ(log_place(said, resolver(book)), std::nullopt);
  book.on(name_book::found{"logs.example", {*address::parse("192.0.2.7")}}, instant(1h));
  EXPECT_EQ(log_place(said, resolver(book)), (place{"192.0.2.7", "514", ""}));
}

TEST(LogPlace, StaysWrongWhereItIs) {
  const place wrong{"192.0.2.1", "no-such-port", ""};
  EXPECT_EQ(log_place(wrong, resolver()), wrong) << "who opens it says why";
}

TEST(LogPlace, IsAPenlogdAtAHostOrASocket) {
  EXPECT_TRUE(is_penlogd({"192.0.2.1", "514", ""}));
  EXPECT_TRUE(is_penlogd({"", "", "unix:/run/penlogd.sock"}));
  EXPECT_FALSE(is_penlogd({"", "", "/var/log/pen.log"}));
  EXPECT_EQ(penlogd_path({"", "", "unix:/run/penlogd.sock"}), "/run/penlogd.sock");
  EXPECT_EQ(penlogd_path({"192.0.2.1", "514", ""}), "");
}

TEST(LogSetting, TellsAPenlogdWhatPairsItsLines) {
  settings s;
  const auto format = [&] { return log_setting_of(s).format; };
  EXPECT_EQ(format(), log_format::pen);
  s.log = place{"192.0.2.1", "514", ""};
  EXPECT_EQ(format(), log_format::paired);
  s.format = log_format::json;
  EXPECT_EQ(format(), log_format::json);
  s.log = place{"", "", "pen.log"};
  s.format = log_format::paired;
  EXPECT_EQ(format(), log_format::paired);
}

TEST(LogSetting, KnowsTheKeyWhereItIsUsed) {
  settings s;
  s.cluster_key = "key";
  EXPECT_EQ(log_setting_of(s).cluster_key, "");
  s.log_over = log_transport::tls;
  EXPECT_EQ(log_setting_of(s).cluster_key, "key");
}

}  // namespace
}  // namespace holdfast
