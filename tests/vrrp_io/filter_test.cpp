#include <gtest/gtest.h>
#include <linux/filter.h>
#include <sys/socket.h>

#include "base/descriptor_io.h"
#include "vrrp/kernel/filter_io.h"

namespace holdfast {
namespace {

// Two ends of datagrams: what is said here is heard there, if it passes.
struct ends {
  ends() {
    int both[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, both), 0);
    here.reset(both[0]);
    there.reset(both[1]);
  }
  bool passes() const {
    char byte = 'x';
    send(here.get(), &byte, 1, 0);
    return recv(there.get(), &byte, 1, 0) == 1;
  }
  descriptor here, there;
};

const bpf_filter nothing{{.code = BPF_RET | BPF_K, .value = 0}};
const bpf_filter all{{.code = BPF_RET | BPF_K, .value = 0xffff}};

TEST(Filter, LetsInWhatPassesTheSieve) {
  const ends e;
  EXPECT_TRUE(e.passes());
  ASSERT_TRUE(load_filter(e.there.get(), nothing));
  EXPECT_FALSE(e.passes());
  ASSERT_TRUE(load_filter(e.there.get(), all)) << "in place of the one before";
  EXPECT_TRUE(e.passes());
}

TEST(Filter, IsTakenOffOnceAndForAll) {
  const ends e;
  ASSERT_TRUE(load_filter(e.there.get(), nothing));
  EXPECT_TRUE(unload_filter(e.there.get()));
  EXPECT_TRUE(e.passes());
  EXPECT_TRUE(unload_filter(e.there.get())) << "there is none";
}

TEST(Filter, RefusesWhatTheKernelDoes) {
  const ends e;
  EXPECT_EQ(load_filter(e.there.get(), {}).error().substr(0, 28), "the kernel refuses the filte");
  EXPECT_FALSE(load_filter(-1, all));
}

}  // namespace
}  // namespace holdfast
