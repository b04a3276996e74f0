#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <limits>

#include "cli/reply/reply.h"

namespace holdfast {

namespace {

reply rich() {
  reply r{.is = verdict::refused, .message = "a \"message\"\n", .pen = "line\nline\n"};
  for (const char* name : {"first", "second"}) {
    reply_table t{.name = name, .columns = {{"text"}, {"sent", unit::bytes}, {"rate", unit::bytes_per_second}}};
    t.rows.push_back({"gr\xc3\xbc\xc3\x9f", std::numeric_limits<std::uint64_t>::max(), -1.5});
    t.rows.push_back({nullptr, false, std::numeric_limits<std::int64_t>::min()});
    r.tables.push_back(t);
  }
  return r;
}

std::string wire(const std::string& tables) { return R"({"verdict":0,"message":"","pen":"","tables":)" + tables + "}"; }

TEST(WireReply, ComesBackAsItWas) {
  const auto back = parse_wire(render_wire(rich()));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->is, verdict::refused);
  EXPECT_EQ(back->message, rich().message);
  EXPECT_EQ(back->pen, "");  // the tables say it all
  ASSERT_EQ(back->tables.size(), 2U);
  EXPECT_EQ(back->tables[1].name, "second");
  EXPECT_EQ(back->tables[1].columns[2].name, "rate");
  EXPECT_EQ(back->tables[1].columns[2].is, unit::bytes_per_second);
  EXPECT_EQ(back->tables[1].rows, rich().tables[1].rows);
  EXPECT_EQ(render_wire(*back), render_wire(rich()));
}

TEST(WireReply, KeepsPensTextWithoutTables) {
  const auto back = parse_wire(render_wire({.pen = "line\nline\n"}));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->pen, "line\nline\n");
}

TEST(WireReply, IsOneLine) {
  const std::string text = render_wire(rich());
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(WireReply, ReplacesBytesThatAreNotUtf8) {
  const auto back = parse_wire(render_wire(refused("\xff")));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->message, "?");
}

TEST(WireReply, IsRefusedAtEachCut) {
  const std::string whole = render_wire(rich());
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
    EXPECT_FALSE(parse_wire(whole.substr(0, length))) << length;
  }
}

TEST(WireReply, IsRefusedWhenItsShapeIsWrong) {
  EXPECT_TRUE(parse_wire(wire("[]")));
  EXPECT_TRUE(parse_wire(wire(R"([{"name":"t","columns":[["a",0]],"rows":[["x"]]}])")));
  for (const char* tables : {
           "{}",
           "[7]",
           "[{}]",
           "[[]]",
           R"([{"name":"t","columns":[],"rows":[]}])",
           R"([{"name":"t","columns":[["a",0]],"rows":[["x","y"]]}])",
           R"([{"name":"t","columns":[["a",0]],"rows":[[]]}])",
           R"([{"name":"t","columns":[["a",0]],"rows":[[["x"]]]}])",
           R"([{"name":"t","columns":[["a",0]],"rows":[[{}]]}])",
           R"([{"name":"t","columns":[["a",0]],"rows":["x"]}])",
           R"([{"name":"t","columns":[["a",3]],"rows":[[1e999]]}])",
           R"([{"name":"t","columns":[["a",7]],"rows":[]}])",
           R"([{"name":"t","columns":[["a",-1]],"rows":[]}])",
           R"([{"name":"t","columns":[["a","text"]],"rows":[]}])",
           R"([{"name":"t","columns":[["a"]],"rows":[]}])",
           R"([{"name":"t","columns":[[0,0]],"rows":[]}])",
           R"([{"name":7,"columns":[["a",0]],"rows":[]}])",
           R"([{"name":"t","columns":[["a",0]],"rows":[],"more":1}])",
       }) {
    EXPECT_FALSE(parse_wire(wire(tables))) << tables;
  }
  for (const char* text :
       {"", "7", "[]", "{}", "error: no\n", R"({"verdict":3,"message":"","pen":"","tables":[]})",
        R"({"verdict":-1,"message":"","pen":"","tables":[]})",
        R"({"verdict":"done","message":"","pen":"","tables":[]})", R"({"verdict":0,"message":7,"pen":"","tables":[]})",
        R"({"verdict":0,"message":"","pen":null,"tables":[]})", R"({"verdict":0,"message":"","pen":""})",
        R"({"verdict":0,"message":"","pen":"","tables":[]}{})"}) {
    EXPECT_FALSE(parse_wire(text)) << text;
  }
}

std::string repeated(const std::string& what, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += (i == 0 ? "" : ",") + what;
  return '[' + out + ']';
}

TEST(WireReply, HasAtMost64TablesAndColumns) {
  const std::string table = R"({"name":"t","columns":[["a",0]],"rows":[]})";
  EXPECT_TRUE(parse_wire(wire(repeated(table, 64))));
  EXPECT_FALSE(parse_wire(wire(repeated(table, 65))));
  const auto with_columns = [](int n) {
    return wire(R"([{"name":"t","columns":)" + repeated(R"(["a",0])", n) + R"(,"rows":[]}])");
  };
  EXPECT_TRUE(parse_wire(with_columns(64)));
  EXPECT_FALSE(parse_wire(with_columns(65)));
}

TEST(WireReply, RefusesDepthBeforeItCostsAnything) {
  const std::string deep(1'000'000, '[');
  EXPECT_FALSE(parse_wire(wire(deep)));
  EXPECT_FALSE(parse_wire(deep));
}

}  // namespace

}  // namespace holdfast
