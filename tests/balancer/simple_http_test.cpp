#include "protocols/http/simple_http.h"

#include <gmock/gmock.h>

namespace holdfast {

namespace {

using verdict = simple_request::verdict;

// All requests of these bytes, fed so many at a time.
std::vector<simple_request> read_all(std::string_view bytes, std::size_t at_once) {
  request_reader reader;
  std::vector<simple_request> out;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(at_once, bytes.size()))) {
    reader.feed(bytes.substr(0, at_once));
    while (const auto next = reader.next()) out.push_back(*next);
  }
  return out;
}

simple_request only(std::string_view bytes) {
  const auto all = read_all(bytes, bytes.size());
  EXPECT_EQ(all.size(), 1);
  return all.empty() ? simple_request{} : all.front();
}

TEST(SimpleHttp, ReadsARequestHoweverItIsCut) {
  constexpr std::string_view said = "GET / HTTP/1.1\r\nHost: x\r\n\r\nHEAD /b HTTP/1.1\r\nConnection: close\r\n\r\n";
  for (std::size_t at_once = 1; at_once <= said.size(); ++at_once) {
    const auto all = read_all(said, at_once);
    ASSERT_EQ(all.size(), 2) << at_once;
    EXPECT_FALSE(all[0].last || all[0].without_body);
    EXPECT_TRUE(all[1].last && all[1].without_body);
  }
}

TEST(SimpleHttp, SkipsABodyByItsLength) {
  constexpr std::string_view said =
      "POST / HTTP/1.1\r\nContent-Length: 28\r\n\r\nGET /no HTTP/1.1\r\nnone: x\r\n\r\n"
      "GET /yes HTTP/1.1\r\n\r\n";
  for (const std::size_t at_once : {std::size_t{1}, std::size_t{7}, said.size()}) {
    EXPECT_EQ(read_all(said, at_once).size(), 2) << at_once;
  }
}

TEST(SimpleHttp, EndsWithABodyThatHasNoLength) {
  EXPECT_TRUE(only("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").last);
}

TEST(SimpleHttp, KeepsTheConnectionAsTheVersionSays) {
  EXPECT_FALSE(only("GET / HTTP/1.1\r\n\r\n").last);
  EXPECT_TRUE(only("GET / HTTP/1.1\r\nCONNECTION:   Close\r\n\r\n").last);
  EXPECT_TRUE(only("GET / HTTP/1.0\r\n\r\n").last);
  EXPECT_FALSE(only("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").last);
  EXPECT_FALSE(only("GET / HTTP/1.1\r\nX-Connection: close\r\nConnections: close\r\n\r\n").last) << "other fields";
}

TEST(SimpleHttp, SaysWhatIsNoRequest) {
  for (const auto* said : {"hello there\r\n\r\n", "GET / HTTP/2\r\n\r\n", "\r\n\r\n"}) {
    EXPECT_EQ(only(said).is, verdict::not_http) << said;
    EXPECT_TRUE(only(said).last) << said;
  }
}

TEST(SimpleHttp, TakesNoHeadBeyondItsLimit) {
  const std::string first = "GET / HTTP/1.1\r\nX: ";
  EXPECT_THAT(read_all(first + std::string(request_reader::max_head - first.size(), 'x'), 1000), testing::IsEmpty());
  const std::string longer = first + std::string(request_reader::max_head - first.size() + 1, 'x');
  EXPECT_EQ(only(longer).is, verdict::head_too_long);
  EXPECT_TRUE(only(longer).last);
}

TEST(SimpleHttp, ReadsNothingBehindTheLastRequest) {
  EXPECT_EQ(read_all("GET / HTTP/1.0\r\n\r\nGET / HTTP/1.1\r\n\r\n", 5).size(), 1);
  EXPECT_EQ(read_all("nonsense\r\n\r\n" + std::string(3 * request_reader::max_head, 'x'), 999).size(), 1);
}

TEST(SimpleHttp, WritesAnAnswer) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: ";
  EXPECT_EQ(encode(text_answer{.status = "200 OK", .body = "hi\n"}), head + "keep-alive\r\n\r\nhi\n");
  EXPECT_EQ(encode(text_answer{.status = "200 OK", .body = "hi\n", .without_body = true, .last = true}),
            head + "close\r\n\r\n");
}

}  // namespace

}  // namespace holdfast
