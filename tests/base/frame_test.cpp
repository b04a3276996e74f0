#include "base/frame.h"

#include <gmock/gmock.h>

#include <random>
#include <string>

namespace holdfast {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string framed(const std::string& payload) {
  const auto header = frame_header(payload.size());
  return std::string(header.begin(), header.end()) + payload;
}

// Gives all of `bytes`, in pieces of what there is room for and at most `piece`, and takes the frames as they come.
std::vector<std::string> frames_of(frame_reader& reader, std::string bytes, std::size_t piece = std::string::npos) {
  std::vector<std::string> out;
  while (!bytes.empty() && !reader.broken()) {
    const auto room = reader.room();
    EXPECT_FALSE(room.empty());
    const std::size_t size = std::min({piece, bytes.size(), room.size()});
    std::copy_n(bytes.begin(), size, room.begin());
    bytes.erase(0, size);
    reader.filled(size);
    while (const auto frame = reader.next()) out.emplace_back(frame->begin(), frame->end());
  }
  return out;
}

TEST(Frame, SaysItsLengthInNetworkOrder) {
  EXPECT_THAT(frame_header(0), ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(frame_header(0x01020304), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(frame_header(0xffffffff), ElementsAre(255, 255, 255, 255));
}

TEST(Frame, ComesOutWhole) {
  frame_reader reader(100);
  EXPECT_THAT(frames_of(reader, framed("one") + framed("") + framed("three")), ElementsAre("one", "", "three"));
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.broken());
}

TEST(Frame, ComesOutWholeByteByByte) {
  frame_reader reader(5);
  EXPECT_THAT(frames_of(reader, framed("one") + framed("") + framed("three"), 1), ElementsAre("one", "", "three"));
}

TEST(Frame, WaitsForItsLastByte) {
  frame_reader reader(100);
  EXPECT_THAT(frames_of(reader, framed("three").substr(0, 8)), IsEmpty());
  EXPECT_THAT(frames_of(reader, "e"), ElementsAre("three"));
}

TEST(Frame, MayBeAsLongAsTheLimit) {
  frame_reader reader(1000);
  const std::string longest(1000, 'x');
  EXPECT_THAT(frames_of(reader, framed(longest) + framed(longest)), ElementsAre(longest, longest));
  EXPECT_FALSE(reader.broken());
}

TEST(Frame, IsRefusedBeyondTheLimitAsSoonAsItsLengthIsThere) {
  for (const std::size_t size : {1001U, 0x7fffffffU, 0xffffffffU}) {
    frame_reader reader(1000);
    const auto header = frame_header(size);
    EXPECT_THAT(frames_of(reader, framed("good") + std::string(header.begin(), header.end())), ElementsAre("good"));
    EXPECT_TRUE(reader.broken());
    EXPECT_FALSE(reader.next());
  }
}

TEST(Frame, TakesNoMoreMemoryThanTheLimitAndAHeader) {
  frame_reader reader(1000);
  EXPECT_EQ(reader.room().size(), 1004U);
}

TEST(Frame, ComesOutAsItWentInHoweverItIsCut) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> frames(random() % 20);
    std::string bytes;
    for (std::string& frame : frames) {
      frame.resize(random() % 300);
      for (char& c : frame) c = static_cast<char>(random());
      bytes += framed(frame);
    }
    frame_reader reader(300);
    EXPECT_EQ(frames_of(reader, bytes, 1 + random() % 700), frames);
  }
}

}  // namespace

}  // namespace holdfast
