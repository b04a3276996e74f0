#include "protocols/http/http_head.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

std::string line_of(std::string_view bytes, bool* complete = nullptr) {
  request_line line;
  const bool done = line.feed(bytes);
  if (complete != nullptr) *complete = done;
  return line.text();
}

TEST(RequestLine, EndsAtTheFirstLineEnd) {
  bool complete = false;
  EXPECT_EQ(line_of("GET / HTTP/1.1\r\nHost: x\r\n\r\n", &complete), "GET / HTTP/1.1");
  EXPECT_TRUE(complete);
  EXPECT_EQ(line_of("GET /\nrest"), "GET /");
  EXPECT_EQ(line_of("\r\n"), "");
}

TEST(RequestLine, KeepsWhatThereIsOfAnUnfinishedLine) {
  bool complete = true;
  EXPECT_EQ(line_of("GET /half", &complete), "GET /half");
  EXPECT_FALSE(complete);
}

TEST(RequestLine, EscapesAllThatCouldHarmALog) {
  EXPECT_EQ(line_of("a\x01"
                    "b\x1b[2J\x7f\xc3\xa4\\n\t\n"),
            "a\\x01b\\x1B[2J\\x7F\\xC3\\xA4\\x5Cn\\x09");
  EXPECT_EQ(line_of(std::string_view("a\0b\n", 4)), "a\\x00b");
  EXPECT_EQ(line_of("a\rb\r\n"), "a\\x0Db") << "only the line's end goes";
  EXPECT_EQ(line_of("a\\x0D\n"), "a\\x5Cx0D") << "not what looks like one";
}

TEST(RequestLine, NamesWhatIsNoText) {
  bool complete = false;
  EXPECT_EQ(line_of(std::string_view("\x16\x03\x01\x02\0\x01", 6), &complete), "TLS-hello");
  EXPECT_TRUE(complete) << "though no line has ended";
  EXPECT_EQ(line_of("\x16"), "\\x16");
  EXPECT_EQ(line_of("\\x16\\x03\n"), "\\x5Cx16\\x5Cx03") << "not what looks like it";
  EXPECT_EQ(line_of("GET /\x01\x02\x03 HTTP/1.0\r\n"), "GET /\\x01\\x02\\x03 HTTP/1.0");
  EXPECT_EQ(line_of(std::string("GET /") + std::string(5, '\x01')), "-");
  EXPECT_EQ(line_of(std::string(9, '\t') + "\xc3\xa4\xc3\xb6\xc3\xbc\n").substr(0, 8), "\\x09\\x09") << "that is text";
  request_line in_pieces;
  EXPECT_FALSE(in_pieces.feed("\x16"));
  EXPECT_TRUE(in_pieces.feed("\x03"));
  EXPECT_EQ(in_pieces.text(), "TLS-hello");
}

TEST(RequestLine, IsCutAtItsLimit) {
  bool complete = false;
  EXPECT_EQ(line_of(std::string(max_request_line - 1, 'a'), &complete).size(), max_request_line - 1);
  EXPECT_FALSE(complete);
  EXPECT_EQ(line_of(std::string(max_request_line, 'a'), &complete).size(), max_request_line);
  EXPECT_TRUE(complete);
  EXPECT_EQ(line_of(std::string(10 * max_request_line, 'a')).size(), max_request_line);
}

TEST(RequestLine, IsTheSameHoweverItIsSplit) {
  for (const std::string& whole : {std::string("a\rb\r\n"), std::string("GET /\x02 HTTP/1.1\r\nHost: x\r\n\r\n"),
                                   std::string(3000, 'x') + "\r\n", std::string(max_request_line - 1, 'x') + "\r\n"}) {
    for (const std::size_t step : {1U, 2U, 3U, 7U, 1000U}) {
      request_line line;
      for (std::size_t i = 0; i < whole.size(); i += step) line.feed(std::string_view(whole).substr(i, step));
      EXPECT_EQ(line.text(), line_of(whole)) << step;
      EXPECT_TRUE(line.complete());
    }
  }
}

TEST(PlainRequestLine, IsWhatRequestLineWouldKeepUnchanged) {
  for (std::size_t size = 0; size < 20; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string line(size, 'x');
        line[at] = static_cast<char>(byte);
        if (byte == '\n' || (byte == '\r' && at == size - 1)) continue;  // ends the line
        const bool plain = byte >= ' ' && byte < 127 && byte != '\\';
        const std::string piece = line + "\r\nHost: x\r\n";
        const auto found = plain_request_line(piece);
        ASSERT_EQ(found.has_value(), plain) << size << ' ' << at << ' ' << byte;
        ASSERT_EQ(line_of(line + "\r\n") == line, plain) << size << ' ' << at << ' ' << byte;
        ASSERT_EQ(found.value_or(line), line) << size << ' ' << at << ' ' << byte;
      }
    }
  }
}

TEST(PlainRequestLine, EndsInItsPieceAndIsNotCut) {
  EXPECT_EQ(plain_request_line("GET /half"), std::nullopt);
  EXPECT_EQ(plain_request_line(""), std::nullopt);
  EXPECT_EQ(plain_request_line("\n"), "");
  EXPECT_EQ(plain_request_line("\r\n"), "");
  const std::string longest(max_request_line - 1, 'x');
  EXPECT_EQ(plain_request_line(longest + '\n'), longest);
  EXPECT_EQ(plain_request_line(longest.substr(1) + "\r\n"), longest.substr(1));
  EXPECT_EQ(plain_request_line(longest + "\r\n"), std::nullopt);
  EXPECT_EQ(plain_request_line(longest + "x\n"), std::nullopt);
}

TEST(RequestLine, BeginsAgainWhenCleared) {
  request_line line;
  line.feed("GET /1\n");
  line.feed("GET /2\n");
  EXPECT_EQ(line.text(), "GET /1");
  line.clear();
  EXPECT_FALSE(line.complete());
  line.feed("GET /2\n");
  EXPECT_EQ(line.text(), "GET /2");
}

std::string status_of(std::string_view bytes, std::size_t step = 1'000'000) {
  status_line_decoder decoder;
  std::string out = "more";
  for (std::size_t i = 0; i < bytes.size(); i += step) {
    const auto answer = decoder.feed(bytes.substr(i, step));
    if (!answer) {
      constexpr const char* names[] = {"not_http", "bad_version", "bad_status", "too_long"};
      out = names[static_cast<int>(answer.error())];
    } else {
      out = *answer ? std::to_string(**answer) : "more";
    }
  }
  return out;
}

TEST(StatusLine, IsReadWithAndWithoutReason) {
  EXPECT_EQ(status_of("HTTP/1.1 200 OK\r\n"), "200");
  EXPECT_EQ(status_of("HTTP/1.0 503 Service Unavailable\r\nServer: x\r\n\r\nbody"), "503");
  EXPECT_EQ(status_of("HTTP/1.1 204\r\n"), "204");
  EXPECT_EQ(status_of("HTTP/1.1 204 \n"), "204");
  EXPECT_EQ(status_of("HTTP/1.1 404\n"), "404");
  EXPECT_EQ(status_of("HTTP/1.1 999 x\n"), "999");
}

TEST(StatusLine, IsNotKnownBeforeItsEnd) {
  EXPECT_EQ(status_of("HTTP/1.1 200 OK"), "more");
  EXPECT_EQ(status_of("HTTP/1.1 200 OK\r"), "more");
  EXPECT_EQ(status_of("HTT"), "more");
}

TEST(StatusLine, SaysWhatIsWrongAsSoonAsItIsKnown) {
  EXPECT_EQ(status_of("SSH-2.0"), "not_http");
  EXPECT_EQ(status_of("\x15\x03\x01"), "not_http");
  EXPECT_EQ(status_of("http/1.1 200"), "not_http");
  EXPECT_EQ(status_of("\r\nHTTP/1.1 200 OK\r\n"), "not_http");
  EXPECT_EQ(status_of("HTTP/2 200"), "bad_version");
  EXPECT_EQ(status_of("HTTP/1.x"), "bad_version");
  EXPECT_EQ(status_of("HTTP/1.12 200"), "bad_version");
  EXPECT_EQ(status_of("HTTP/1.1  200"), "bad_status");
  EXPECT_EQ(status_of("HTTP/1.1 099 x\n"), "bad_status");
  EXPECT_EQ(status_of("HTTP/1.1 20 OK\n"), "bad_status");
  EXPECT_EQ(status_of("HTTP/1.1 2000\n"), "bad_status");
}

TEST(StatusLine, MayBeEightKibibytesAndNoMore) {
  const std::string start = "HTTP/1.1 200 ";
  EXPECT_EQ(status_of(start + std::string(max_status_line - start.size() - 1, 'x') + "\n"), "200");
  EXPECT_EQ(status_of(start + std::string(max_status_line - start.size(), 'x') + "\n"), "too_long");
}

TEST(StatusLine, IsTheSameHoweverItIsSplit) {
  for (const char* whole :
       {"HTTP/1.1 200 OK\r\nX: y\r\n", "HTTP/1.1 404\n", "HTTP/1.1 2x0 OK\n", "HTTP/3.1 200 OK\n"}) {
    for (std::size_t step = 1; step < 30; ++step) EXPECT_EQ(status_of(whole, step), status_of(whole)) << step;
  }
}

TEST(FinalStatus, ComesAfterInterimAnswersHoweverTheyAreCut) {
  const std::string_view answer =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\nLink: </a>\n\nHTTP/1.1 204 No Content\r\n";
  for (std::size_t cut = 0; cut < answer.size(); ++cut) {
    final_status_decoder d;
    const auto begun = d.feed(answer.substr(0, cut));
    ASSERT_TRUE(begun);
    EXPECT_EQ(*begun, std::nullopt) << cut;
    const auto ended = d.feed(answer.substr(cut));
    ASSERT_TRUE(ended);
    EXPECT_EQ(*ended, 204) << cut;
  }
}

TEST(FinalStatus, OfASwitchOfProtocolsIsThat) {
  final_status_decoder d;
  EXPECT_EQ(*d.feed("HTTP/1.1 101 Switching Protocols\r\n"), 101);
}

TEST(FinalStatus, IsRefusedWhereNoneIs) {
  final_status_decoder nonsense, endless;
  EXPECT_FALSE(nonsense.feed("HTTP/1.1 100 Continue\r\n\r\n<html>"));
  EXPECT_TRUE(endless.feed("HTTP/1.1 100 Continue\r\n" + std::string(max_interim_heads, 'x')));
  EXPECT_EQ(endless.feed("x").error(), http_error::too_long);
}

TEST(HostHeader, IsWellFormedForNamesAndAddresses) {
  EXPECT_EQ(host_header("app.example.test", 80), "app.example.test");
  EXPECT_EQ(host_header("app.example.test", 9001), "app.example.test:9001");
  EXPECT_EQ(host_header("192.0.2.1", 8080), "192.0.2.1:8080");
  EXPECT_EQ(host_header("2001:db8::1", 80), "[2001:db8::1]");
  EXPECT_EQ(host_header("::1", 9001), "[::1]:9001");
}

}  // namespace
}  // namespace holdfast
