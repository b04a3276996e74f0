#include "cli/reply/client_line.h"

#include <gtest/gtest.h>

#include "cli/procedures/client_batch.h"

namespace holdfast {

namespace {

const client_line known{"web", *address::parse("192.0.2.7"), "10.0.1.11:80", 1'795'575'684'123, 1'795'575'690'001};

TEST(ClientLine, IsReadableByPeopleAndBack) {
  EXPECT_EQ(print(known), "web,192.0.2.7,10.0.1.11:80,2026-11-25T03:01:24.123Z,2026-11-25T03:01:30.001Z");
  EXPECT_EQ(*read_client_line(print(known)), known);
  EXPECT_EQ(print_short(known), "web,192.0.2.7,10.0.1.11:80,1795575684123,1795575690001");
  EXPECT_EQ(*read_client_line(print_short(known)), known);
}

TEST(ClientLine, KeepsServersOfAnyName) {
  client_line c = known;
  for (const char* server : {"10.0.1.11:80 2", "/run/a,b%20.sock", "[2001:db8::1]:80", "\"#\"", "gr\xc3\xbc\xc3\x9f"}) {
    c.server = server;
    const std::string line = print(c);
    EXPECT_EQ(*read_client_line(line), c) << line;
    EXPECT_EQ(line.find(' '), std::string::npos);
    EXPECT_EQ(std::count(line.begin(), line.end(), ','), 4) << line;
  }
  c.server = "10.0.1.11:80 2";
  EXPECT_EQ(print_short(c), "web,192.0.2.7,10.0.1.11:80%202,1795575684123,1795575690001");
}

TEST(ClientLine, HasTheFirstAndTheLastTime) {
  client_line c = known;
  c.assigned = 0;
  c.used = latest_client_time;
  EXPECT_EQ(print(c), "web,192.0.2.7,10.0.1.11:80,1970-01-01T00:00:00.000Z,9999-12-31T23:59:59.999Z");
  EXPECT_EQ(*read_client_line(print(c)), c);
  EXPECT_FALSE(read_client_line("web,192.0.2.7,a,1,253402300800000"));
}

TEST(ClientLine, IsNoneIfAFieldIsWrong) {
  EXPECT_TRUE(read_client_line("web,::1,a,1,2"));
  for (const char* line : {"",
                           "web",
                           "web,::1,a,1",
                           "web,::1,a,1,2,3",
                           ",::1,a,1,2",
                           "w/b,::1,a,1,2",
                           "web,::x,a,1,2",
                           "web,::1,,1,2",
                           "web,::1,%2,1,2",
                           "web,::1,%zz,1,2",
                           "web,::1,%,1,2",
                           "web,::1,a,,2",
                           "web,::1,a,1,",
                           "web,::1,a,1,x",
                           "web,::1,a,-1,2",
                           "web,::1,a,3,2",
                           "web,::1,a,1,2026-11-25T03:01:24.123",
                           "web,::1,a,1,2026-13-25T03:01:24.123Z",
                           "web,::1,a,1,2026-02-30T03:01:24.123Z",
                           "web,::1,a,1,2026-11-25T24:01:24.123Z",
                           "web,::1,a,1,2026-11-25T03:60:24.123Z",
                           "web,::1,a,1,2026-11-25T03:01:60.123Z",
                           "web,::1,a,1,2026-11-25 03:01:24.123Z",
                           "web,::1,a,1,1969-12-31T23:59:59.999Z"}) {
    EXPECT_FALSE(read_client_line(line)) << line;
  }
}

TEST(ClientBatch, SaysThoseUsedLastFirst) {
  client_batch b;
  for (const std::uint64_t used : {5, 9, 7}) b.add({"web", *address::parse("::1"), "a", 1, used});
  b.sort();
  EXPECT_EQ(b.next_command(4096), "clients put web,::1,a,1,9 web,::1,a,1,7 web,::1,a,1,5");
  EXPECT_EQ(b.next_command(4096), std::nullopt);
}

TEST(ClientBatch, FitsIntoALine) {
  constexpr std::size_t most = 40;
  client_batch b;
  for (std::uint64_t used = 10; used < 20; ++used) b.add({"web", *address::parse("::1"), "a", 1, used});
  std::size_t lines = 0;
  for (int commands = 0; const auto command = b.next_command(most); ++commands) {
    ASSERT_LT(commands, 10);
    EXPECT_LE(command->size(), most);
    lines += static_cast<std::size_t>(std::count(command->begin(), command->end(), ' ')) - 1;
  }
  EXPECT_EQ(lines, 10U);
}

// It would never come to an end.
TEST(ClientBatch, SaysALineThatIsTooLongAllTheSame) {
  client_batch b;
  b.add({"web", *address::parse("::1"), std::string(100, 'a'), 1, 2});
  EXPECT_GT(b.next_command(40)->size(), 100U);
  EXPECT_EQ(b.next_command(40), std::nullopt);
}

TEST(ClientBatch, OfNothingSaysNothing) { EXPECT_EQ(client_batch().next_command(4096), std::nullopt); }

TEST(ClientLine, NamesTheFieldThatIsWrong) {
  const auto why = [](const char* line) { return read_client_line(line).error(); };
  EXPECT_EQ(why("web"), "expected service,client,server,assigned,used");
  EXPECT_EQ(why("w/b,::1,a,1,2"), "service: expected the name of a service");
  EXPECT_EQ(why("web,::x,a,1,2"), "client: expected an address");
  EXPECT_TRUE(why("web,::1,%2,1,2").starts_with("server: expected "));
  EXPECT_TRUE(why("web,::1,a,x,2").starts_with("assigned: expected a time"));
  EXPECT_TRUE(why("web,::1,a,1,x").starts_with("used: expected a time"));
  EXPECT_EQ(why("web,::1,a,3,2"), "used: expected no time before that of assigned");
}

}  // namespace

}  // namespace holdfast
