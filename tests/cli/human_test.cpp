#include "cli/reply/human.h"

#include <gtest/gtest.h>

namespace holdfast {

namespace {

TEST(HumanBytes, ChangeTheUnitAtItsEdge) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(1023), "1023 B");
  EXPECT_EQ(human_bytes(1024), "1.0 KiB");
  EXPECT_EQ(human_bytes(1536), "1.5 KiB");
  EXPECT_EQ(human_bytes(100 * 1024), "100 KiB");
  EXPECT_EQ(human_bytes(1024 * 1024 - 1), "1.0 MiB");
  EXPECT_EQ(human_bytes(312.0 * (1 << 20)), "312 MiB");
  EXPECT_EQ(human_bytes(18446744073709551615.0), "16.0 EiB");
}

TEST(HumanDuration, HasTwoUnitsAtMost) {
  EXPECT_EQ(human_duration(0), "0s");
  EXPECT_EQ(human_duration(-3), "0s");
  EXPECT_EQ(human_duration(0.0004), "0ms");
  EXPECT_EQ(human_duration(0.35), "350ms");
  EXPECT_EQ(human_duration(0.9999), "1s");
  EXPECT_EQ(human_duration(59.9), "59s");
  EXPECT_EQ(human_duration(192), "3m 12s");
  EXPECT_EQ(human_duration(3600), "1h 0m");
  EXPECT_EQ(human_duration(5 * 3600 + 125), "5h 2m");
  EXPECT_EQ(human_duration(12 * 86400 + 7 * 3600 + 59), "12d 7h");
}

TEST(HumanNumber, ShowsATenthOnlyOfSmallOnes) {
  EXPECT_EQ(human_number(0), "0");
  EXPECT_EQ(human_number(7), "7");
  EXPECT_EQ(human_number(0.5), "0.5");
  EXPECT_EQ(human_number(12.4), "12");
  EXPECT_EQ(human_number(120000), "120000");
}

TEST(Printable, ReplacesWhatSteersATerminal) {
  EXPECT_EQ(printable("a\tb"), "a b");
  EXPECT_EQ(printable("\x1b[2J"), "?[2J");
  EXPECT_EQ(printable("a\r\n\x7f"), "a???");
  EXPECT_EQ(printable("\xc2\x9b"
                      "2J"),
            "?2J");  // CSI as one C1 character
  EXPECT_EQ(printable(std::string_view("\0x", 2)), "?x");
}

TEST(Printable, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(printable("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(printable("\xf0\x9f\x90\xa7"), "\xf0\x9f\x90\xa7");
  EXPECT_EQ(printable("\xff\xc3"), "??");
  EXPECT_EQ(printable("\xc0\xaf"), "??");            // overlong
  EXPECT_EQ(printable("\xe0\x80\x80"), "???");       // overlong
  EXPECT_EQ(printable("\xed\xa0\x80"), "???");       // surrogate
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "????");  // beyond Unicode
  EXPECT_EQ(printable("a\x1b\xff", true), "a\x1b?");
}

TEST(Columns, CountCharactersNotBytes) {
  EXPECT_EQ(columns_of("gr\xc3\xbc\xc3\x9f"), 4U);
  EXPECT_EQ(first_columns("gr\xc3\xbc\xc3\x9f", 3), "gr\xc3\xbc");
  EXPECT_EQ(first_columns("abc", 0), "");
  EXPECT_EQ(first_columns("abc", 9), "abc");
}

}  // namespace

}  // namespace holdfast
