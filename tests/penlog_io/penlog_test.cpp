#include <gmock/gmock.h>

#include "tests/penlog_io/programs.h"

namespace holdfast {
namespace {

using testing::HasSubstr;

TEST(Penlog, SendsEachLineAsADatagram) {
  const datagram_socket loghost;
  const auto sent = run("printf 'one\\ntwo\\n\\nthree' | " + penlog + " 127.0.0.1 " + std::to_string(loghost.port()));
  EXPECT_EQ(sent.status, 0);
  EXPECT_EQ(sent.out, "");
  for (const char* line : {"one\n", "two\n", "\n", "three\n"}) EXPECT_EQ(loghost.receive(), line);
}

TEST(Penlog, SendsALongLineWhole) {
  const datagram_socket loghost;
  const folder files;
  const std::string line(60'000, 'x');
  run(penlog + " 127.0.0.1 " + std::to_string(loghost.port()) + " <" + files.write("log", line + "\n"));
  EXPECT_EQ(loghost.receive(), line + "\n");
}

TEST(Penlog, CutsWhatNoDatagramHolds) {
  const datagram_socket loghost;
  const folder files;
  const auto sent = run(penlog + " 127.0.0.1 " + std::to_string(loghost.port()) + " <" +
                        files.write("log", std::string(70'000, 'x') + "\nnext\n"));
  EXPECT_EQ(sent.out, "penlog: 1 lines were longer than can be sent, and are cut\n");
  EXPECT_EQ(loghost.receive().substr(0, 10), "xxxxxxxxxx");
  EXPECT_EQ(loghost.receive(), "next\n");
}

TEST(Penlog, GoesOnWhenNobodyListens) {
  const std::string port = std::to_string(free_port());
  const auto sent = run("printf 'one\\ntwo\\nthree\\n' | " + penlog + " 127.0.0.1 " + port);
  EXPECT_EQ(sent.status, 0);
}

TEST(Penlog, SendsWhatIsThereWhenItIsToldToEnd) {
  const datagram_socket loghost;
  const folder files;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const descriptor reads(ends[0]), writes(ends[1]);
  running program({penlog, "127.0.0.1", std::to_string(loghost.port())}, files.file("out"), reads.get());
  ASSERT_EQ(::write(writes.get(), "one\n", 4), 4);
  EXPECT_EQ(loghost.receive(), "one\n");
  ASSERT_EQ(::write(writes.get(), "two\nthree", 9), 9);
  EXPECT_EQ(program.stop(), 128 + SIGTERM);
  EXPECT_EQ(loghost.receive(), "two\n");
  EXPECT_EQ(loghost.receive(), "three\n");
}

TEST(Penlog, WaitsForAUnixSocketThatIsNotThereYet) {
  const folder files;
  const std::string path = files.file("socket"), log = files.file("log");
  std::thread later([&] {
    std::this_thread::sleep_for(300ms);
    running late({penlogd, "-f", "--socket", path, "-l", log, "--wait", "0"}, files.file("out"));
    EXPECT_TRUE(eventually([&] { return files.text_of("log") != ""; }));
  });
  const auto sent = run("echo 'h \"GET /\" 200' | " + penlog + " " + path);
  later.join();
  EXPECT_EQ(sent.status, 0);
  EXPECT_EQ(files.text_of("log"), "h \"GET /\" 200\n");
}

TEST(Penlog, EndsWithPensStatusWhenItIsMisunderstood) {
  for (const char* wrong : {"", "127.0.0.1", "127.0.0.1:9999", "a b c d", "127.0.0.1 9999 not-an-address", "-x a b"}) {
    const auto said = run(penlog + " " + wrong);
    EXPECT_EQ(said.status, 1) << wrong;
    EXPECT_THAT(said.out, HasSubstr("expected ")) << wrong;
  }
  EXPECT_EQ(run(penlog + " 127.0.0.1 abc").status, 1);
  EXPECT_EQ(run(penlog + " 127.0.0.1 9999 192.0.2.1").status, 1) << "no address of this machine";
}

}  // namespace
}  // namespace holdfast
