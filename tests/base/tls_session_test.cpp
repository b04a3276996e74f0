#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>

#include "base/descriptor_io.h"
#include "base/ensure.h"
#include "base/tls/tls_session_io.h"
#include "tests/base/loopback.h"

namespace holdfast {

namespace {

using side = tls_session::side;

// Two connected TCP sockets that don't block.
struct sockets {
  sockets() {
    const descriptor door(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    auto* name = reinterpret_cast<sockaddr*>(&where);
    ensure(bind(door.get(), name, size) == 0 && listen(door.get(), 1) == 0);
    ensure(getsockname(door.get(), name, &size) == 0);
    near.reset(socket(AF_INET, SOCK_STREAM, 0));
    ensure(connect(near.get(), name, size) == 0);
    far.reset(accept(door.get(), nullptr, nullptr));
    for (const int fd : {near.get(), far.get()}) fcntl(fd, F_SETFL, O_NONBLOCK);
  }
  descriptor near, far;
};

// True as soon as `claim` is; false when it is not within 20 seconds. Even on loopback bytes take their time.
template <class Claim>
bool eventually(Claim claim) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!claim()) {
    if (std::chrono::steady_clock::now() > end) return false;
    poll(nullptr, 0, 1);
  }
  return true;
}

// A dialler and an accepter, each with a key and a label of its own.
struct talk {
  explicit talk(tls_context a, tls_context b)
      : dialler(std::move(a), side::dialled, line.near.get()), accepter(std::move(b), side::accepted, line.far.get()) {}
  explicit talk(std::uint8_t key = 1) : talk({key_of(key), "x"}, {key_of(key), "x"}) {}

  // Until both are through or at their end.
  bool shake() {
    bool near = false, far = false;
    EXPECT_TRUE(eventually([&] {
      if (!near) near = dialler.shake();
      if (!far) far = accepter.shake();
      return (near || dialler.end()) && (far || accepter.end());
    }));
    return near && far;
  }

  sockets line;
  tls_session dialler;
  tls_session accepter;
};

// What there is; "" = nothing now, or the end.
std::string read(tls_session& from) {
  std::array<std::uint8_t, 1000> room{};
  const std::size_t size = from.read(room);
  return {room.begin(), room.begin() + static_cast<std::ptrdiff_t>(size)};
}

// The next that comes; "" = the end.
std::string hear(tls_session& from) {
  std::string out;
  EXPECT_TRUE(eventually([&] {
    out = read(from);
    return !out.empty() || from.end();
  }));
  return out;
}

void write(tls_session& to, const std::string& text) { ASSERT_EQ(to.write(bytes_of(text)), text.size()); }

TEST(TlsSession, CarriesBytesBothWaysWhenTheKeysAreEqual) {
  talk t;
  ASSERT_TRUE(t.shake());
  EXPECT_EQ(read(t.accepter), "");
  write(t.dialler, "hello");
  write(t.accepter, "you, too");
  EXPECT_EQ(hear(t.accepter), "hello");
  EXPECT_EQ(hear(t.dialler), "you, too");
  EXPECT_FALSE(t.dialler.end());
  EXPECT_FALSE(t.accepter.end());
  EXPECT_EQ(t.dialler.bytes_out(), t.accepter.bytes_in());
  EXPECT_EQ(t.dialler.bytes_in(), t.accepter.bytes_out());
}

TEST(TlsSession, SaysNothingInClear) {
  talk t;
  ASSERT_TRUE(t.shake());
  write(t.dialler, "attack at dawn");
  std::array<char, 1000> seen{};
  ssize_t size = 0;
  ASSERT_TRUE(eventually([&] {
    size = recv(t.line.far.get(), seen.data(), seen.size(), MSG_PEEK);
    return size > 14;
  }));
  EXPECT_EQ(std::string(seen.data(), static_cast<std::size_t>(size)).find("attack"), std::string::npos);
}

TEST(TlsSession, SendsNoTickets) {
  talk t;
  ASSERT_TRUE(t.shake());
  const std::uint64_t handshake = t.accepter.bytes_out();
  EXPECT_EQ(read(t.dialler), "");
  write(t.accepter, "x");
  EXPECT_EQ(hear(t.dialler), "x");
  EXPECT_LT(handshake, 300U);
  EXPECT_EQ(t.dialler.bytes_in(), handshake + 23) << "one byte, its type, a tag and a header";
}

void expect_unauthenticated(talk& t) {
  EXPECT_FALSE(t.shake());
  EXPECT_EQ(t.dialler.end(), stream_end::not_authenticated);
  EXPECT_EQ(t.accepter.end(), stream_end::not_authenticated);
  EXPECT_FALSE(t.dialler.shake());
  EXPECT_FALSE(t.accepter.shake());
}

TEST(TlsSession, EndsUnauthenticatedWhenTheKeysDiffer) {
  talk t({key_of(1), "x"}, {key_of(2), "x"});
  expect_unauthenticated(t);
}

TEST(TlsSession, EndsUnauthenticatedWhenTheKeysDifferInTheLastBit) {
  secret_key near = key_of(1), far = key_of(1);
  far.bytes()[31] ^= 1;
  talk t({std::move(near), "x"}, {std::move(far), "x"});
  expect_unauthenticated(t);
}

// Each step of a rotation on one node before the other: old, then next beside it, swapped, old dropped.
TEST(TlsSession, OutlivesARotationOfTheKey) {
  const auto step = [](int number) -> cluster_keys {
    switch (number) {
      case 0: return key_of(1);
      case 1: return {key_of(1), key_of(2)};
      case 2: return {key_of(2), key_of(1)};
      default: return key_of(2);
    }
  };
  for (int here = 0; here < 4; ++here) {
    for (const int there : {here - 1, here, here + 1}) {
      if (there < 0 || there > 3) continue;
      talk t({step(here), "x"}, {step(there), "x"});
      EXPECT_TRUE(t.shake()) << here << ' ' << there;
    }
  }
  talk over({key_of(1), "x"}, {step(3), "x"});
  expect_unauthenticated(over);
}

TEST(TlsSession, SaysWhichKeyItHasAndNothingOfIt) {
  EXPECT_EQ(id_of(key_of(1)), id_of(key_of(1)));
  EXPECT_NE(id_of(key_of(1)), id_of(key_of(2)));
  EXPECT_EQ(id_of(key_of(1)).size(), 16U);
  EXPECT_EQ(ids_of({key_of(1), key_of(2)}), id_of(key_of(1)) + ' ' + id_of(key_of(2)));
}

TEST(TlsSession, EndsUnauthenticatedWhenTheLabelsDiffer) {
  for (const char* label : {"y", "xx"}) {
    talk t({key_of(1), "x"}, {key_of(1), label});
    expect_unauthenticated(t);
  }
}

// The other end is OpenSSL as others use it.
struct stranger {
  stranger(const SSL_METHOD* method, int fd) : context(SSL_CTX_new(method)), ssl(nullptr) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    ensure(X509_sign(certificate, key, EVP_sha256()) > 0);
    ensure(SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
  }
  ~stranger() {
    SSL_free(ssl);
    SSL_CTX_free(context);
  }
  stranger(const stranger&) = delete;
  stranger& operator=(const stranger&) = delete;

  SSL_CTX* context;
  SSL* ssl;
};

TEST(TlsSession, DoesNotTakeACertificateForTheKey) {
  const sockets line;
  tls_session dialler({key_of(1), "x"}, side::dialled, line.near.get());
  const stranger other(TLS_server_method(), line.far.get());
  EXPECT_TRUE(eventually([&] {
    EXPECT_FALSE(dialler.shake());
    SSL_accept(other.ssl);
    return dialler.end().has_value();
  }));
  EXPECT_EQ(dialler.end(), stream_end::not_authenticated);
}

TEST(TlsSession, DoesNotLetInWhoeverOffersNoKey) {
  const sockets line;
  tls_session accepter({key_of(1), "x"}, side::accepted, line.far.get());
  const stranger other(TLS_client_method(), line.near.get());
  EXPECT_TRUE(eventually([&] {
    SSL_connect(other.ssl);
    EXPECT_FALSE(accepter.shake());
    return accepter.end().has_value();
  }));
  EXPECT_EQ(accepter.end(), stream_end::not_authenticated);
}

TEST(TlsSession, DoesNotSpeakTls12) {
  const sockets line;
  tls_session dialler({key_of(1), "x"}, side::dialled, line.near.get());
  const stranger other(TLS_server_method(), line.far.get());
  SSL_set_max_proto_version(other.ssl, TLS1_2_VERSION);
  EXPECT_TRUE(eventually([&] {
    EXPECT_FALSE(dialler.shake());
    SSL_accept(other.ssl);
    return dialler.end().has_value();
  }));
  EXPECT_EQ(dialler.end(), stream_end::not_authenticated);
}

TEST(TlsSession, EndsUnauthenticatedOnGarbage) {
  const sockets line;
  tls_session accepter({key_of(1), "x"}, side::accepted, line.far.get());
  const std::string garbage = "GET / HTTP/1.0\r\n\r\n";
  ASSERT_EQ(send(line.near.get(), garbage.data(), garbage.size(), 0), static_cast<ssize_t>(garbage.size()));
  EXPECT_TRUE(eventually([&] {
    EXPECT_FALSE(accepter.shake());
    return accepter.end().has_value();
  }));
  EXPECT_EQ(accepter.end(), stream_end::not_authenticated);
}

TEST(TlsSession, TellsAPartingFromAClosing) {
  talk parting;
  ASSERT_TRUE(parting.shake());
  write(parting.dialler, "bye");
  parting.dialler.part();
  parting.line.near.reset();
  EXPECT_EQ(hear(parting.accepter), "bye");
  EXPECT_EQ(hear(parting.accepter), "");
  EXPECT_EQ(parting.accepter.end(), stream_end::parted);

  talk closing;
  ASSERT_TRUE(closing.shake());
  write(closing.dialler, "bye");
  closing.line.near.reset();
  EXPECT_EQ(hear(closing.accepter), "bye");
  EXPECT_FALSE(closing.accepter.end());
  EXPECT_EQ(hear(closing.accepter), "");
  EXPECT_EQ(closing.accepter.end(), stream_end::closed);
}

TEST(TlsSession, EndsByProtocolWhenSomebodyPutsBytesIn) {
  talk t;
  ASSERT_TRUE(t.shake());
  const std::string forged("\x17\x03\x03\x00\x20", 5);
  const std::string record = forged + std::string(32, 'x');
  ASSERT_EQ(send(t.line.near.get(), record.data(), record.size(), 0), 37);
  EXPECT_EQ(hear(t.accepter), "");
  EXPECT_EQ(t.accepter.end(), stream_end::protocol);
}

// A program that is killed with bytes unread resets its connections: a write finds out first, and then the words that
// came before must still be heard.
TEST(TlsSession, HearsTheLastWordsAfterAResetThatAWriteMet) {
  talk t;
  ASSERT_TRUE(t.shake());
  write(t.accepter, "unread");
  write(t.dialler, "last words");
  pollfd unread{.fd = t.line.near.get(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&unread, 1, 20'000), 1);
  t.line.near.reset();
  pollfd reset{.fd = t.line.far.get(), .events = POLLRDHUP, .revents = 0};
  ASSERT_EQ(poll(&reset, 1, 20'000), 1);
  EXPECT_NE(reset.revents & POLLERR, 0);
  for (int i = 0; i < 3; ++i) write(t.accepter, "anybody there?");
  EXPECT_FALSE(t.accepter.end());
  EXPECT_FALSE(t.accepter.wants_write());
  EXPECT_EQ(hear(t.accepter), "last words");
  EXPECT_EQ(hear(t.accepter), "");
  EXPECT_EQ(t.accepter.end(), stream_end::closed);
}

TEST(TlsSession, WaitsForAPeerThatDoesNotRead) {
  talk t;
  ASSERT_TRUE(t.shake());
  const std::string much(100'000, 'x');
  std::size_t taken = 0;
  while (!t.dialler.wants_write()) taken += t.dialler.write(bytes_of(much));
  EXPECT_FALSE(t.dialler.end());
  std::size_t heard = 0;
  while (heard < taken) {
    const std::string part = read(t.accepter);
    if (part.empty()) t.dialler.write(bytes_of(much));
    ASSERT_FALSE(t.accepter.end());
    heard += part.size();
  }
  EXPECT_GE(heard, taken);
}

TEST(TlsSession, KnowsWhatAnErrorSaysAboutThePeer) {
  EXPECT_EQ(end_of(ECONNRESET), stream_end::closed);
  EXPECT_EQ(end_of(EPIPE), stream_end::closed);
  EXPECT_EQ(end_of(ECONNREFUSED), stream_end::refused);
  for (const int error : {ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ENETDOWN, EADDRNOTAVAIL, ENOBUFS}) {
    EXPECT_EQ(end_of(error), stream_end::lost) << error;
  }
}

}  // namespace

}  // namespace holdfast
