#include "balancer/sockets/blame.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace holdfast {

namespace {

blame tcp(int error, connect_step at = connect_step::start) { return blame_for(error, at, false); }
blame unix_path(int error) { return blame_for(error, connect_step::start, true); }

TEST(Blame, AShortageIsOursWhateverItWasFor) {
  for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM}) {
    EXPECT_TRUE(is_shortage(error)) << error;
    EXPECT_EQ(tcp(error), blame::ours) << error;
    EXPECT_EQ(tcp(error, connect_step::wait), blame::ours) << error;
    EXPECT_EQ(unix_path(error), blame::ours) << error;
  }
  EXPECT_FALSE(is_shortage(ECONNREFUSED));
}

TEST(Blame, NoPortLeftIsOursButAForeignSourceIsTheConfigurations) {
  EXPECT_EQ(tcp(EADDRNOTAVAIL), blame::ours);
  EXPECT_EQ(tcp(EADDRINUSE), blame::ours);
  EXPECT_EQ(tcp(EADDRNOTAVAIL, connect_step::prepare), blame::configuration);
}

TEST(Blame, WhatCanNeverBeIsTheConfigurations) {
  for (const int error : {EINVAL, EAFNOSUPPORT, EACCES, EPERM}) EXPECT_EQ(tcp(error), blame::configuration) << error;
  for (const int error : {EACCES, EPERM, ENOTDIR, EPROTOTYPE})
    EXPECT_EQ(unix_path(error), blame::configuration) << error;
}

TEST(Blame, NoRouteOfOursIsTheConfigurationsOfARouterThePaths) {
  EXPECT_EQ(tcp(ENETUNREACH), blame::configuration);
  EXPECT_EQ(tcp(ENETUNREACH, connect_step::wait), blame::path);
}

TEST(Blame, SilenceAndUnreachableAreThePaths) {
  for (const int error : {EHOSTUNREACH, ETIMEDOUT, EHOSTDOWN, ENETDOWN}) {
    EXPECT_EQ(tcp(error, connect_step::wait), blame::path) << error;
  }
}

TEST(Blame, ARefusalIsTheServers) {
  for (const int error : {ECONNREFUSED, ECONNRESET}) EXPECT_EQ(tcp(error, connect_step::wait), blame::server) << error;
  for (const int error : {ECONNREFUSED, ENOENT}) EXPECT_EQ(unix_path(error), blame::server) << error;
}

TEST(Blame, AFullQueueOfAUnixSocketIsNoFailureOfTheServers) { EXPECT_EQ(unix_path(EAGAIN), blame::ours); }

TEST(Blame, OnlyServerAndPathMark) {
  EXPECT_TRUE(marks_server(blame::server));
  EXPECT_TRUE(marks_server(blame::path));
  for (const blame whose : {blame::ours, blame::configuration, blame::client}) EXPECT_FALSE(marks_server(whose));
}

}  // namespace

}  // namespace holdfast
